import { describe, expect, it } from "vitest";
import { Catalog } from "../../../builtin-plugins/skills/catalog.ts";
import { descriptionLine, listingOf } from "../../../builtin-plugins/skills/listing.ts";
import { skillOf } from "../../../builtin-plugins/skills/skill.ts";
import { UsageCounts } from "../../../builtin-plugins/skills/usage.ts";
import type { PluginTier, SkillContribution } from "../../../plugin-api/index.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

describe("a listing", () => {
  const entry = (name: string, uses: number, lastUsed = 0) => ({ name, description: "12345678", uses, lastUsed });

  const within = (budget: number) => ({ budget, limit: 1_000 });

  it("drops the descriptions of what is used least until the rest fits, and keeps every name", () => {
    const entries = [entry("a", 0), entry("b", 2), entry("c", 0), entry("d", 2, 5)];
    const full = listingOf(entries, within(1_000));
    expect(full).toEqual({
      lines: ["- a: 12345678", "- b: 12345678", "- c: 12345678", "- d: 12345678"],
      trimmed: [],
      unlisted: 0,
      characters: 56,
    });
    expect(listingOf(entries, within(40))).toEqual({
      lines: ["- a", "- b: 12345678", "- c", "- d: 12345678"],
      trimmed: ["a", "c"],
      unlisted: 0,
      characters: 36,
    });
    expect(listingOf(entries, within(30)).trimmed).toEqual(["a", "b", "c"]);
    expect(listingOf(entries, within(0)).lines).toEqual(["- a", "- b", "- c", "- d"]);
  });

  it("RS06: of 10,000 skills names as many as fit, the most used ones, and counts the others", () => {
    const description = "x".repeat(1_536);
    const entries = Array.from({ length: 10_000 }, (_, at) => ({
      name: `many:skill-${String(at).padStart(5, "0")}`,
      description,
      uses: at === 9_999 ? 1 : 0,
      lastUsed: 0,
    }));
    const room = { budget: 8_000, limit: 80_000 };
    const { lines, trimmed, unlisted, characters } = listingOf(entries, room);
    expect(lines.join("\n").length + 1).toBe(characters);
    expect(characters).toBeLessThanOrEqual(room.limit);
    expect(characters).toBeGreaterThan(room.limit - 100);
    expect(lines.length + unlisted).toBe(10_000);
    expect(trimmed).toHaveLength(10_000);
    expect([lines[0], lines.at(-1)]).toEqual(["- many:skill-00000", "- many:skill-09999"]);
    expect(listingOf(entries.slice(0, 4), room)).toMatchObject({ trimmed: [], unlisted: 0 });
  });

  it("has one line of bounded length for a skill", () => {
    expect(descriptionLine("Does\n  this.", "When that.", 100)).toBe("Does this. When that.");
    expect(descriptionLine("abcdef", undefined, 4)).toBe("abc…");
  });

  it("counts uses in a file that survives, also a damaged one", () => {
    using home = temporaryHome();
    new UsageCounts(home.path("data")).count("a");
    expect(new UsageCounts(home.path("data")).of("a").uses).toBe(1);
    home.write("data/usage.json", "{");
    expect(new UsageCounts(home.path("data")).of("a").uses).toBe(0);
  });
});

describe("the name of a skill", () => {
  const skill = (plugin: string, folder: string, name?: string, tier: PluginTier = "installed") => {
    const value: SkillContribution = {
      kind: "skill",
      name: folder,
      path: folder,
      file: `${folder}/SKILL.md`,
      description: "",
      fields: name === undefined ? {} : { name },
      modelInvocable: true,
      userInvocable: true,
    };
    const info = { id: `${plugin}@m`, name: plugin, version: "1", tier, directory: "/p", dataDirectory: "/d" };
    return skillOf({ plugin: info, name: folder, value });
  };
  const named = [
    { made: skill("p", "s"), name: "p:s", aliases: ["s"] },
    { made: skill("p", "s", "own"), name: "p:own", aliases: ["p:s", "own", "s"] },
    { made: skill("p", "s", "p:own"), name: "p:own", aliases: ["p:s", "s"] },
    { made: skill("p", "s", "My Skill!"), name: "p:s", aliases: ["s"] },
    { made: skill("claude", "s", "own", "loose"), name: "own", aliases: ["s"] },
  ];
  it.each(named)("is $name", ({ made, name, aliases }) => {
    expect(made.name).toBe(name);
    expect(made.aliases).toEqual(expect.arrayContaining(aliases));
  });

  it("NM07: means a loose skill first; a bare name that two plugins have means neither", () => {
    const catalog = new Catalog([
      skill("p", "s"),
      skill("q", "s"),
      skill("q", "t"),
      skill("claude", "u", "u", "loose"),
      skill("p", "u"),
    ]);
    const of = (name: string) => {
      const found = catalog.find(name);
      return found.kind === "skill" ? found.skill.id : found.kind;
    };
    expect(["p:s", "q:s", "s", "t", "u", "p:u", "nobody"].map(of)).toEqual([
      "p@m s",
      "q@m s",
      "ambiguous",
      "q@m t",
      "claude@m u",
      "p@m u",
      "unknown",
    ]);
  });
});
