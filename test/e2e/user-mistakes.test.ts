import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";

interface Mistake {
  readonly name: string;
  readonly words: readonly string[];
  readonly exit: number;
  /** What stderr says, in this order. */
  readonly says: readonly string[];
}

/** Twelve and more things that people get wrong, with what each is told; nothing of it may change the home. */
const MISTAKES: readonly Mistake[] = [
  {
    name: "a misspelt verb",
    words: ["instal", "fmt@acme"],
    exit: 2,
    says: ["there is no verb `instal`", "did you mean `install`?"],
  },
  {
    name: "a misspelt flag",
    words: ["add", "fmt@acme", "--dryrun"],
    exit: 2,
    says: ["there is no flag `--dryrun`", "did you mean `--dry-run`?"],
  },
  {
    name: "a misspelt plugin",
    words: ["add", "fnt@acme"],
    exit: 1,
    says: ["fnt", "E_PLUGIN_UNKNOWN", "did you mean", "fmt"],
  },
  {
    name: "a misspelt marketplace",
    words: ["add", "fmt@acmee"],
    exit: 1,
    says: ["acmee", "E_MARKETPLACE_UNKNOWN", "did you mean", "acme"],
  },
  {
    name: "a range that no release satisfies",
    words: ["add", "fmt@acme@^9.0"],
    exit: 4,
    says: ["fmt", "E_UNSATISFIABLE"],
  },
  {
    name: "a range that is none",
    words: ["add", "fmt@acme@^one"],
    exit: 1,
    says: ["^one", "E_RANGE"],
  },
  {
    name: "a plugin whose dependency does not exist",
    words: ["add", "orphan@acme"],
    exit: 4,
    says: ["E_UNSATISFIABLE", "missing"],
  },
  {
    name: "a plugin whose dependency is in a marketplace that was not added",
    words: ["add", "far@acme"],
    exit: 4,
    says: ["E_UNSATISFIABLE", "elsewhere"],
  },
  {
    name: "two plugins whose requirements exclude each other",
    words: ["add", "likes-one@acme", "likes-two@acme"],
    exit: 4,
    says: ["E_UNSATISFIABLE", "likes-one@acme", "fmt@acme", "do without"],
  },
  {
    name: "removing what is not installed",
    words: ["remove", "fmt@acme"],
    exit: 1,
    says: ["`fmt@acme` is not installed", "E_NOT_INSTALLED"],
  },
  {
    name: "a folder that does not exist",
    words: ["add", "./nowhere"],
    exit: 1,
    says: ["nowhere", "E_NOT_FOUND"],
  },
  {
    name: "a marketplace that is not there",
    words: ["marketplace", "add", "./nowhere"],
    exit: 1,
    says: ["nowhere", "E_"],
  },
  {
    name: "something that executes, without a terminal and without consent",
    words: ["add", "hooked@acme", "--yes"],
    exit: 3,
    says: ["nobody can be asked", "E_TRUST", "guard.mjs", "hint:", "--accept sha256-"],
  },
  {
    name: "the wrong digest",
    words: ["add", "hooked@acme", "--accept", `sha256-${"0".repeat(64)}`],
    exit: 3,
    says: ["not what would run", "E_TRUST", "--accept sha256-"],
  },
  {
    name: "a scope that does not exist",
    words: ["list", "--scope", "global"],
    exit: 2,
    says: ["`--scope` is one of `user`, `project`, `local`, not `global`"],
  },
  {
    name: "nothing to roll back to",
    words: ["rollback"],
    exit: 1,
    says: ["nothing to roll back", "hint:"],
  },
  {
    name: "a shortened flag",
    words: ["add", "fmt@acme", "--dry"],
    exit: 2,
    says: ["there is no flag `--dry`", "did you mean `--dry-run`?"],
  },
  {
    name: "one plugin with two ranges",
    words: ["add", "fmt@acme@^1", "fmt@acme@^2"],
    exit: 2,
    says: ["`fmt@acme` is named twice, with the range `^1` and the range `^2`"],
  },
  {
    name: "a digest that is none",
    words: ["add", "hooked@acme", "--accept", "yes"],
    exit: 2,
    says: ["`--accept yes` is neither a digest nor a commit"],
  },
  {
    name: "a server that does not answer",
    words: ["marketplace", "add", "http://127.0.0.1:9/acme.git"],
    exit: 1,
    says: [
      "git failed: fatal: ",
      "E_NETWORK",
      "the command was `git ",
      "http://127.0.0.1:9/acme.git`",
      "hint: check the",
    ],
  },
  {
    name: "a word that names no source",
    words: ["marketplace", "add", "acme"],
    exit: 1,
    says: ["`acme` names no marketplace source", "hint: give one of these:", "owner/repo"],
  },
  {
    name: "a plugin in the place of a marketplace",
    words: ["marketplace", "add", "../markets/acme/fmt"],
    exit: 1,
    says: ["is no marketplace", "hint:", "plugin add"],
  },
  {
    name: "a marketplace in the place of a plugin",
    words: ["add", "../markets/acme"],
    exit: 1,
    says: ["is a marketplace, not a plugin", "plugin marketplace add"],
  },
  {
    name: "a file in the place of a plugin",
    words: ["add", "../markets/acme/fmt/commands/fmt.md"],
    exit: 1,
    says: ["is a file, not a folder"],
  },
  {
    name: "a project where none is",
    words: ["sync", "--scope", "project"],
    exit: 1,
    says: ["no `plugins.json` is in", "or above it", "E_NOT_FOUND"],
  },
  {
    name: "a marketplace to refresh that was never added",
    words: ["marketplace", "update", "acmee"],
    exit: 1,
    says: ["acmee", "E_MARKETPLACE_UNKNOWN", "did you mean `acme`?"],
  },
  {
    name: "a number that is none",
    words: ["rollback", "--to", "last"],
    exit: 2,
    says: ["`--to last` is not the number of a generation"],
  },
  {
    name: "a plugin that would not load",
    words: ["add", "broken@acme"],
    exit: 1,
    says: ["broken"],
  },
  {
    name: "a plugin whose code is missing, before they are asked about what it can execute",
    words: ["add", "codeless@acme"],
    exit: 1,
    says: ["`codeless@acme` would not load", "`gone.js`, which is not a file of the plugin"],
  },
];

describe("what people get wrong", () => {
  let box: Sandbox;

  beforeAll(() => {
    box = sandbox();
    const market = box.market("acme", {
      fmt: { version: "1.2.0" },
      orphan: { dependencies: ["missing"] },
      far: { dependencies: ["tool@elsewhere"] },
      "likes-one": { dependencies: [{ name: "fmt", version: "^1.0.0" }] },
      "likes-two": { dependencies: [{ name: "fmt", version: "^2.0.0" }] },
      hooked: { files: HOOK },
      codeless: {
        manifest: '{"name": "codeless", "version": "1.0.0", "plugsmith": {"entry": "./gone.js"}}',
        files: HOOK,
      },
      broken: { manifest: '{"name": "broken", "version": "1.0.0", "commands": 7}' },
    });
    const added = box.run(["marketplace", "add", market]);
    expect(added.stderr).toBe("");
    expect(added.status).toBe(0);
  });

  afterAll(() => box[Symbol.dispose]());

  it.each(MISTAKES)("is told about $name", ({ words, exit, says }) => {
    const run = box.run(words);
    expect({ status: run.status, stderr: run.stderr }).toMatchObject({ status: exit });
    let at = 0;
    for (const text of says) {
      const found = run.stderr.indexOf(text, at);
      expect(found, `\`${text}\` in\n${run.stderr}`).toBeGreaterThanOrEqual(0);
      at = found;
    }
    expect(run.stderr).toMatch(/^error: /mu);
    expect(run.stderr).toMatch(/^ {2}hint: /mu);
    expect(run.stderr).not.toMatch(/^ +at .*\.(?:js|ts):\d+/mu);
    expect(run.stderr).not.toMatch(/^error: [A-Z][a-z]|\.(?: \(E_\w+\))?$/mu);
  });

  const oneOfEachExit = [...new Map(MISTAKES.map((mistake) => [mistake.exit, mistake])).values()];
  it.each(oneOfEachExit)("gets one JSON document for $name", ({ words, exit }) => {
    const { status, document, stderr } = box.json(words);
    expect(status).toBe(exit);
    expect(stderr).toBe("");
    expect(document).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/^E_/u), message: expect.any(String) },
    });
  });

  it("is shown the verbs when none is named", () => {
    for (const words of [[], ["marketplace"]]) {
      const { status, stdout, stderr } = box.run(words);
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toContain("usage: plugin");
    }
    expect(box.run(["marketplace", "help"])).toMatchObject({ status: 0, stderr: "" });
  });

  it("has changed nothing by all of it", () => {
    const { document } = box.json(["list"]);
    expect(document).toMatchObject({ ok: true, generation: 0, plugins: [] });
  });

  it("is told the scope in which a plugin is installed", () => {
    expect(box.run(["add", "fmt@acme"])).toMatchObject({ status: 0, stderr: "" });
    const { status, stderr } = box.run(["remove", "fmt", "--scope", "local"]);
    expect(status).toBe(1);
    expect(stderr).toContain("not installed in this scope but in scope `user`");
    expect(box.run(["remove", "fmt"])).toMatchObject({ status: 0, stderr: "" });
  });
});
