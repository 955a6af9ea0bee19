import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const HERE = { cwd: "project" };
const LOCAL = ["--scope", "local"];

/** A project beside a git marketplace of `tool`, one of whose skills stands in its catalog entry. */
async function stocked(): Promise<Place> {
  const at = placeHere();
  const market = taggedMarket("acme", at.path("acme.git"));
  const entry = { skills: ["./more/paint"] };
  const files = { "more/paint/SKILL.md": "---\nname: paint\ndescription: Paints.\n---\n\nPaint.\n" };
  market.release({ tool: { version: "1.0.0", entry, files } });
  mkdirSync(at.path("project/.git"), { recursive: true });
  await at.ok(["marketplace", "add", market.url]);
  return at;
}

describe("a private pick", () => {
  it("keeps what its catalog entry adds when its files are fetched again", async () => {
    using at = await stocked();
    await at.accept(["add", "tool@acme", ...LOCAL], HERE);
    const before = at.root("project")?.plugins;
    expect(before?.[0]).toMatchObject({ scope: "local", provides: { skill: 2 } });
    rmSync(at.path("home/store"), { recursive: true });
    expect(await at.ok(["sync", ...LOCAL], HERE)).toContain("repaired tool@acme");
    expect(at.root("project")?.plugins).toEqual(before);
    await at.ok(["list", "--check"], HERE);
    expect(await at.ok(["info", "tool"], HERE)).toContain("paint");
  });

  it("stays at its version when its files are fetched again", async () => {
    using at = await stocked();
    const market = taggedMarket("other", at.path("other.git"));
    market.release({ kit: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "kit@other", ...LOCAL], HERE);
    market.release({ kit: { version: "2.0.0" } });
    rmSync(at.path("home/store"), { recursive: true });
    await at.ok(["sync", ...LOCAL], HERE);
    expect(at.holds("project")).toEqual(["kit@other 1.0.0"]);
  });
});

describe("a plugin that the project and a private pick want", () => {
  async function both(): Promise<Place> {
    const at = await stocked();
    await at.ok(["add", "tool@acme", "--scope", "project"], HERE);
    await at.ok(["add", "tool@acme", ...LOCAL], HERE);
    return at;
  }

  const tool = (at: Place) => at.root("project")?.plugins.find(({ id }) => id === "tool@acme");
  const file = (at: Place, name: string): string => readFileSync(at.path("project", name), "utf8");

  it("is on or off as its owner says, whatever the project wants", async () => {
    using at = await both();
    const mine = file(at, ".plugsmith/local.json");
    at.write("project/.plugsmith/local.json", mine.replace(/"tool@acme": "\*"/, '"tool@acme": { "enabled": false }'));
    expect(await at.ok(["sync"], HERE)).toContain("disabled tool@acme");
    expect(tool(at)?.enabled).toBe(false);
    at.write("project/.plugsmith/local.json", mine);
    expect(await at.ok(["sync"], HERE)).toContain("enabled tool@acme");
    expect(tool(at)?.enabled).toBe(true);
  });

  it("is switched and removed in both files by a verb that names no scope", async () => {
    using at = await both();
    for (const [verb, enabled] of [
      ["disable", false],
      ["enable", true],
    ] as const) {
      await at.ok([verb, "tool"], HERE);
      expect(tool(at)?.enabled).toBe(enabled);
      for (const name of ["plugins.json", ".plugsmith/local.json"])
        expect(file(at, name).includes('"enabled": false')).toBe(!enabled);
    }
    await at.ok(["remove", "tool"], HERE);
    expect(at.holds("project")).toEqual([]);
  });

  it("loses a component to either file, and has it again in both", async () => {
    using at = await both();
    const mine = JSON.parse(file(at, ".plugsmith/local.json")) as Readonly<Record<string, unknown>>;
    const less = { ...mine, disabledComponents: { "tool@acme": ["skill/paint"] } };
    at.write("project/.plugsmith/local.json", JSON.stringify(less));
    await at.ok(["sync"], HERE);
    expect(tool(at)?.disabledComponents).toEqual(["skill/paint"]);
    await at.ok(["disable", "tool:skill/tool"], HERE);
    expect(tool(at)?.disabledComponents).toEqual(["skill/paint", "skill/tool"]);
    expect(file(at, "plugins.json")).toContain("skill/tool");
    for (const skill of ["paint", "tool"]) await at.ok(["enable", `tool:skill/${skill}`], HERE);
    expect(tool(at)?.disabledComponents).toEqual([]);
  });
});
