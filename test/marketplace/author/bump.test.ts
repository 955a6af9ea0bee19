import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bumpBetween, type PluginState } from "../../../marketplace/author/release/bump.ts";
import { withSection } from "../../../marketplace/author/release/changelog.ts";
import { memoryTree, readPlugin } from "../../../schemas/formats/index.ts";

type Files = Readonly<Record<string, string>>;

function state(files: Files, manifest: object = {}): PluginState {
  const all: Files = {
    ...files,
    ".claude-plugin/plugin.json": JSON.stringify({ name: "p", version: "1.0.0", ...manifest }),
  };
  const tree = memoryTree(all);
  const read = readPlugin(tree, { fallbackName: "p" }).manifest;
  if (read === undefined) throw new Error("the fixture is no plugin");
  const members = Object.entries(all).map(([path, text]) => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    return { kind: "file", path, executable: false, bytes: text.length, sha256 } as const;
  });
  return { manifest: read, tree, members };
}

const skill = (name: string, text = "x"): Files => ({
  [`skills/${name}/SKILL.md`]: `---\nname: ${name}\ndescription: d\n---\n${text}\n`,
});
const hook = (command: string, event = "Stop"): Files => ({
  "hooks/hooks.json": JSON.stringify({ hooks: { [event]: [{ hooks: [{ type: "command", command }] }] } }),
});
const tools = (...names: string[]): object => ({
  plugsmith: { entry: "./a.js", contributes: { "plugsmith/tool": names.map((name) => ({ name })) } },
});
const asks = (capabilities: object): object => ({ plugsmith: { entry: "./a.js", capabilities } });
const option = (required: boolean): object => ({
  userConfig: { token: { type: "string", title: "T", description: "d", required } },
});
const CODE: Files = { "a.js": "" };

const TABLE: readonly (readonly [
  what: string,
  before: PluginState,
  after: PluginState,
  level: string,
  reason: string,
])[] = [
  ["texts", state(skill("a")), state(skill("a", "y")), "patch", "texts"],
  [
    "a readme",
    state({ ...skill("a"), ...hook("node x") }),
    state({ ...skill("a"), ...hook("node x"), "README.md": "" }),
    "patch",
    "texts",
  ],
  ["code", state({ "a.mjs": "1" }), state({ "a.mjs": "2" }), "patch", "code, or files that code names"],
  ["a new skill", state(skill("a")), state({ ...skill("a"), ...skill("b") }), "minor", "skill `b` is new"],
  ["a skill that is gone", state({ ...skill("a"), ...skill("b") }), state(skill("a")), "major", "skill `b` is gone"],
  ["a skill of another name", state(skill("a")), state(skill("b")), "major", "skill `a` is gone"],
  ["a new hook", state({}), state(hook("node x")), "minor", "hook on `Stop` is new"],
  ["another command", state(hook("node x")), state(hook("node y")), "minor", "it runs `node y`"],
  ["a hook that is gone", state(hook("node x")), state({}), "major", "hook on `Stop` is gone"],
  ["a new program", state({}), state({ "b.sh": "" }), "minor", "program `b.sh` is new"],
  ["a new tool", state(CODE, tools("A")), state(CODE, tools("A", "B")), "minor", "`B` of plugsmith/tool is new"],
  [
    "a tool that is gone",
    state(CODE, tools("A", "B")),
    state(CODE, tools("A")),
    "major",
    "`B` of plugsmith/tool is gone",
  ],
  ["a new grant", state(CODE, asks({})), state(CODE, asks({ net: true })), "minor", "it asks for net"],
  [
    "another folder",
    state(CODE, asks({ read: ["~/a"] })),
    state(CODE, asks({ read: ["~/b"] })),
    "minor",
    "it asks for read `~/b`",
  ],
  ["fewer grants", state(CODE, asks({ net: true })), state(CODE, asks({})), "patch", "code, or files that code names"],
  ["a new dependency", state({}), state({}, { dependencies: ["kit"] }), "minor", "it needs `kit`"],
  ["an option", state({}), state({}, option(false)), "patch", "texts"],
  [
    "an option that has to be given",
    state({}, option(false)),
    state({}, option(true)),
    "major",
    "option `token` is required",
  ],
  ["another name", state({}), state({}, { name: "q" }), "major", "`p` is called `q`"],
];

describe("a release", () => {
  it.each(TABLE)("after a change of %s", (_what, before, after, level, reason) => {
    const bump = bumpBetween(before, after);
    expect([bump.level, bump.reasons[0]]).toEqual([level, reason]);
  });
});

describe("a changelog", () => {
  const proposal = {
    plugin: { name: "p", folder: "" },
    to: "1.1.0",
    level: "minor",
    reasons: ["skill `b` is new"],
    tag: "p--v1.1.0",
    state: state({}),
    commits: ["add b", "add b", "mend a"],
  } as const;
  const SECTION = "## 1.1.0 - 2026-01-02\n\n- add b\n- mend a\n";

  it.each([
    ["is started", undefined, `# Changelog\n\n${SECTION}`],
    [
      "gets a section before the others",
      "# Changes\n\n## 1.0.0\n\n- x\n",
      `# Changes\n\n${SECTION}\n## 1.0.0\n\n- x\n`,
    ],
    ["may have no title", "## 1.0.0\n", `${SECTION}\n## 1.0.0\n`],
    ["keeps the section that its author wrote", "# C\n\n## [1.1.0]\n\nBetter.\n", "# C\n\n## [1.1.0]\n\nBetter.\n"],
    ["knows versions apart", "# C\n\n## 1.1.01\n", `# C\n\n${SECTION}\n## 1.1.01\n`],
  ])("%s", (_what, before, after) => {
    expect(withSection(before, proposal, "2026-01-02")).toBe(after);
  });
});
