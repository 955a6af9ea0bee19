import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const ANN = { home: "ann", cwd: "project" };
const BEN = { home: "ben", cwd: "clone" };

/** A project with `tool@acme`, cloned for a second person, and another marketplace that calls itself `acme`. */
async function scene(): Promise<Place> {
  const at = placeHere();
  taggedMarket("acme", at.path("acme.git")).release({ tool: { version: "1.0.0" } });
  taggedMarket("acme", at.path("evil.git")).release({ tool: { version: "1.0.0", skills: ["sneak"] } });
  for (const name of ["project", "clone", "elsewhere"]) mkdirSync(at.path(name, ".git"), { recursive: true });
  await at.ok(["marketplace", "add", `file://${at.path("acme.git")}`], ANN);
  await at.ok(["add", "tool@acme", "--scope", "project"], ANN);
  cpSync(at.path("project"), at.path("clone"), { recursive: true });
  return at;
}

const read = (at: Place, path: string): string => readFileSync(at.path(path), "utf8");

describe("the binding of a marketplace's name in a lock", () => {
  it("is not read when its identity is not that of its source", async () => {
    using at = await scene();
    const genuine = read(at, "clone/plugins.lock");
    const forged = genuine.replace(/("url": "[^"]*)acme\.git/u, "$1evil.git");
    expect(forged).not.toBe(genuine);
    writeFileSync(at.path("clone/plugins.lock"), forged);
    const said = await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN);
    expect(said).toContain("E_STATE_CORRUPT");
    expect(said).toContain("identity");
    expect(at.generation("ben")).toBeUndefined();
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("solved anew");
    expect(read(at, "clone/plugins.lock")).toBe(genuine);
  });

  it("gives way to the one that people wrote", async () => {
    using at = await scene();
    const eve = { home: "eve", cwd: "elsewhere" };
    await at.ok(["marketplace", "add", `file://${at.path("evil.git")}`], eve);
    await at.ok(["add", "tool@acme", "--scope", "project"], eve);
    cpSync(at.path("elsewhere/plugins.lock"), at.path("clone/plugins.lock"));
    const said = await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN);
    expect(said).toContain("E_FROZEN");
    expect(said).toContain("evil");
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("in the lock it is");
    expect(read(at, "clone/plugins.lock")).toBe(read(at, "project/plugins.lock"));
    expect(at.root("clone", "ben")?.plugins[0]?.tree).toBe(at.root("project", "ann")?.plugins[0]?.tree);
  });

  it("is the same for a folder that the intent names by a link", async () => {
    using at = placeHere();
    at.market({ name: "acme", plugins: { tool: { version: "1.0.0" } } });
    mkdirSync(at.path("project/.git"), { recursive: true });
    symlinkSync(at.path("acme"), at.path("project/market"));
    const market = { source: "directory", path: "./market" };
    at.write(
      "project/plugins.json",
      JSON.stringify({ schema: 1, marketplaces: { acme: market }, plugins: { "tool@acme": "*" } }),
    );
    await at.ok(["sync", "--trust-workspace"], ANN);
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], ANN)).toContain("nothing to do");
  });
});

describe("the folder of a plugin that was added by path", () => {
  it("is the one that the intent names, whatever the lock says", async () => {
    using at = await scene();
    for (const name of ["one", "two"]) {
      at.write(`clone/${name}/.claude-plugin/plugin.json`, JSON.stringify({ name: "own", version: "1.0.0" }));
      at.write(`clone/${name}/skills/${name}/SKILL.md`, `---\nname: ${name}\ndescription: D.\n---\n\nGo.\n`);
    }
    await at.ok(["sync", "--trust-workspace"], BEN);
    await at.ok(["add", "./one", "--scope", "project"], BEN);
    const intent = read(at, "clone/plugins.json");
    writeFileSync(at.path("clone/plugins.json"), intent.replace("./one", "./two"));
    expect(await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN)).toContain("E_FROZEN");
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("clone/two");
    expect(read(at, "clone/plugins.lock")).toContain('"./two"');
    expect(await at.ok(["info", "own@local"], BEN)).toContain("two");
  });
});

describe("private picks that came with the repository", () => {
  it("are taken by `--frozen` from what this machine runs alone", async () => {
    using at = await scene();
    at.write("clone/.plugsmith/local.json", JSON.stringify({ schema: 1, plugins: { "tool@acme": "*" } }));
    await at.ok(["sync", "--trust-workspace", "--frozen"], BEN);
    at.write("clone/.plugsmith/local.json", JSON.stringify({ schema: 1, plugins: { "own@local": { path: "./own" } } }));
    at.write("clone/own/.claude-plugin/plugin.json", JSON.stringify({ name: "own", version: "1.0.0" }));
    at.write("clone/own/skills/own/SKILL.md", "---\nname: own\ndescription: D.\n---\n\nGo.\n");
    const before = at.generation("ben");
    for (const words of [
      ["sync", "--trust-workspace", "--frozen"],
      ["sync", "--trust-workspace"],
    ]) {
      const said = await at.fails(1, words, { ...BEN, env: { CI: "true" } });
      expect(said).toContain("E_FROZEN");
      expect(said).toContain("local.json");
    }
    expect(at.generation("ben")).toEqual(before);
    await at.ok(["sync", "--trust-workspace"], BEN);
    expect(at.holds("clone", "ben")).toEqual(["own@local 1.0.0", "tool@acme 1.0.0"]);
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
    at.write(
      "clone/.plugsmith/local.json",
      JSON.stringify({ schema: 1, plugins: { "own@local": { path: "./evil" } } }),
    );
    expect(await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN)).toContain("E_FROZEN");
  });
});
