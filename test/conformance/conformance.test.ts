import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compareWithOracle } from "./oracle.ts";
import { readRepository } from "./repository-reading.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plugsmith-conformance-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

const skill = "---\nname: s\ndescription: d\n---\n";
const market = (plugins: readonly object[]): string => JSON.stringify({ name: "m", owner: { name: "o" }, plugins });

describe("reading a repository", () => {
  it("finds files of every kind, plugins by root and by entry, and bare skills", () => {
    write({
      "r/.claude-plugin/marketplace.json": market([
        { name: "a", source: "./a" },
        { name: "rootless", source: "./", strict: false, skills: ["./loose"] },
        { name: "elsewhere", source: { source: "github", repo: "o/r" } },
      ]),
      "r/a/.claude-plugin/plugin.json": JSON.stringify({ name: "a" }),
      "r/a/skills/s/SKILL.md": skill,
      "r/a/commands/c.md": "text",
      "r/loose/SKILL.md": skill,
      "r/broken/hooks/hooks.json": "{",
      "r/node_modules/x/SKILL.md": skill,
    });
    const reading = readRepository(directory, "r");
    expect(reading.units.map(({ unit }) => `${unit.kind} ${unit.file}`)).toStrictEqual([
      "marketplace .claude-plugin/marketplace.json",
      "plugin a/.claude-plugin/plugin.json",
      "command a/commands/c.md",
      "skill a/skills/s/SKILL.md",
      "hooks broken/hooks/hooks.json",
      "skill loose/SKILL.md",
    ]);
    expect(reading.plugins.map(({ root, entry }) => [root, entry])).toStrictEqual([
      ["a", "a"],
      ["", "rootless"],
      ["a", undefined],
      ["loose", undefined],
    ]);
    expect(reading).toMatchObject({ crashes: [], silent: [] });
    expect(reading.diagnostics.filter(({ dropped }) => dropped !== undefined)).toMatchObject([
      { code: "E_JSON", file: "broken/hooks/hooks.json" },
    ]);
  });
});

describe("the comparison with the reference", () => {
  const answer = (ok: boolean, provides: object = {}): object => ({
    ok,
    errors: ok ? 0 : 1,
    warnings: 0,
    manifestErrors: [],
    provides,
  });

  it("names every disagreement and counts what it compared", () => {
    write({
      "r/.claude-plugin/marketplace.json": market([{ name: "a", source: "./a" }]),
      "r/a/.claude-plugin/plugin.json": JSON.stringify({ name: "a" }),
      "r/a/skills/s/SKILL.md": skill,
      "r/b/.claude-plugin/plugin.json": JSON.stringify({ name: "b", skills: "./missing" }),
      "oracle.json": JSON.stringify({
        version: "1",
        roots: {
          "r/a": answer(true, { skills: ["a:s"], commands: ["a:c"] }),
          "r/b": answer(true),
          "r/gone": answer(true),
        },
        markets: { r: answer(false) },
      }),
    });
    const comparison = compareWithOracle(directory, join(directory, "oracle.json"));
    expect(comparison).toMatchObject({
      inventory: { agreed: 1, compared: 2 },
      verdict: { agreed: 1, compared: 3 },
      absent: ["r/gone"],
      disagreements: [
        { what: "inventory", kind: "plugin", place: "r/a", reference: "commands a:c", ours: "–" },
        { what: "verdict", kind: "plugin", place: "r/b", reference: "accepted" },
        { what: "verdict", kind: "marketplace", place: "r", ours: "accepted" },
      ],
    });
  });
});
