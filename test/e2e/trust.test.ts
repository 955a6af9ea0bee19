import { mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { VERBS, type VerbEntry } from "../../cli/verb-table.ts";
import { sandbox, type Sandbox } from "../cli/sandbox.ts";
import { pluginHere } from "../support/in-process.ts";

function withProject(): Sandbox {
  const box = sandbox();
  box.files.write("work/site/.git/HEAD", "");
  mkdirSync(box.files.path("work/site/deep"));
  return box;
}

const UNDER_SESSION = { PLUGSMITH_SESSION: "1" };

describe("plugin trust", () => {
  it("trusts the project around a folder, lists it and takes that back", () => {
    using box = withProject();
    const site = realpathSync(box.files.path("work/site"));
    expect(box.run(["trust", "site/deep", "--dry-run"]).stdout).toContain("is not trusted; nothing was changed");
    expect(box.run(["trust", "--list"]).stdout).toBe("you trust no workspace\n");
    const trusted = box.run(["trust", "site/deep"]);
    expect(trusted).toMatchObject({ status: 0, stderr: "" });
    expect(trusted.stdout).toContain(`you trust ${site} now`);
    expect(box.run(["trust"], { cwd: site }).stdout).toContain("is trusted; nothing was changed");
    expect(box.json(["trust", "--list"]).document).toMatchObject({
      outcome: "listed",
      workspaces: [{ path: site }],
    });
    expect(box.run(["trust", "site", "--revoke"]).stdout).toBe(`you no longer trust ${site}\n`);
    expect(box.json(["trust", "--list"]).document).toMatchObject({ workspaces: [] });
  });

  it("forgets a folder that is gone", () => {
    using box = withProject();
    const site = realpathSync(box.files.path("work/site"));
    box.run(["trust", "site"]);
    rmSync(site, { recursive: true });
    expect(box.run(["trust", "site"])).toMatchObject({ status: 1 });
    expect(box.run(["trust", "site", "--revoke"]).stdout).toContain(`you no longer trust ${site}`);
  });

  it("names a damaged record and goes on without any trust", () => {
    using box = withProject();
    box.files.write("plugsmith/state/trust.json", "{");
    const listed = box.run(["trust", "--list"]);
    expect(listed).toMatchObject({ status: 0, stdout: "you trust no workspace\n" });
    expect(listed.stderr).toContain("E_STATE_CORRUPT");
    expect(box.run(["trust", "site"])).toMatchObject({ status: 0 });
    expect(readFileSync(box.files.path("plugsmith/state/trust.json.damaged"), "utf8")).toBe("{");
  });
});

describe("under a session", () => {
  /** Words after each verb that changes something, so that nothing but the marker can refuse it. */
  const WORDS: Readonly<Record<string, readonly string[]>> = {
    add: ["fmt@acme"],
    remove: ["fmt"],
    enable: ["fmt"],
    disable: ["fmt"],
    doctor: ["--agents", "--fix"],
    "bundle import": ["some.tar"],
    "config get": ["fmt", "token", "--reveal"],
    "config set": ["fmt", "style", "plain"],
    "config unset": ["fmt", "style"],
    verify: ["--repair"],
    "marketplace add": ["acme/market"],
    "marketplace remove": ["acme"],
  };
  const leaves = (entries: readonly VerbEntry[], before: string = ""): readonly [string, VerbEntry][] =>
    entries.flatMap((entry) =>
      entry.verbs === undefined
        ? [[`${before}${entry.name}`, entry] as [string, VerbEntry]]
        : leaves(entry.verbs, `${entry.name} `),
    );
  const changing = leaves(VERBS).filter(([, { changes }]) => changes !== undefined);

  it("every verb that changes what runs here is refused, and points to the person", async () => {
    using box = withProject();
    expect(changing.length).toBeGreaterThan(9);
    for (const [name] of changing) {
      const words = [...name.split(" "), ...(WORDS[name] ?? [])];
      const { exit, text } = await pluginHere(words, {
        home: box.home,
        cwd: box.files.path("work"),
        env: UNDER_SESSION,
      });
      expect([name, exit]).toEqual([name, 3]);
      expect(text).toMatch(/^error: .*E_TRUST/u);
      expect(text).toContain(`/plugin ${words.join(" ")}`);
    }
    expect(box.json(["generations"]).document).toMatchObject({ generations: [] });
  });

  it("what only looks still works", () => {
    using box = withProject();
    const market = box.market("acme", { fmt: {} });
    expect(box.run(["marketplace", "add", market])).toMatchObject({ status: 0 });
    for (const words of [
      ["list"],
      ["marketplace", "list"],
      ["search"],
      ["trust", "--list"],
      ["add", "fmt", "--dry-run"],
    ]) {
      expect([words, box.run(words, { env: UNDER_SESSION }).status]).toEqual([words, 0]);
    }
    expect(box.run(["add", "--help"], { env: UNDER_SESSION })).toMatchObject({ status: 0, stderr: "" });
    expect(box.run(["list"]).stdout).not.toContain("fmt");
  });
});
