import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
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

describe("a repository that is hostile", () => {
  const raw = (path: string, text: string): void => {
    const name = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, "latin1")]);
    mkdirSync(name.subarray(0, name.lastIndexOf("/")), { recursive: true });
    writeFileSync(name, text);
  };

  it("that cannot be opened is one finding", () => {
    raw("r\xff/SKILL.md", skill);
    expect(readRepository(directory, "r\uFFFD")).toMatchObject({
      units: [],
      crashes: [],
      silent: [],
      diagnostics: [{ code: "E_NOT_FOUND", dropped: "repository" }],
    });
  });

  it.each<[string, () => void, readonly string[]]>([
    ["file names that are no text", () => raw("r/commands/\xff.md", "text"), ["W_FILE_NAME commands/\uFFFD.md"]],
    [
      "folder names that are no text, also of plugins",
      () => {
        write({ "r/.claude-plugin/marketplace.json": market([{ name: "a", source: "./\uFFFD" }]) });
        raw("r/\xff/SKILL.md", skill);
      },
      ["W_FILE_NAME \uFFFD", "E_NOT_FOUND \uFFFD"],
    ],
    [
      "a document beyond every limit",
      () => {
        write({ "r/skills/a/SKILL.md": skill });
        truncateSync(join(directory, "r/skills/a/SKILL.md"), 65 * 1024 * 1024);
      },
      ["E_LIMIT_FILE skills/a/SKILL.md"],
    ],
  ])("%s are findings", (_, prepare, findings) => {
    prepare();
    const { crashes, silent, diagnostics } = readRepository(directory, "r");
    expect({ crashes, silent }).toStrictEqual({ crashes: [], silent: [] });
    expect(
      diagnostics.filter(({ dropped }) => dropped !== undefined).map(({ code, file }) => `${code} ${file}`),
    ).toEqual(expect.arrayContaining([...findings]));
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

  it("counts what cannot be read at all as refused", () => {
    write({
      "r/.claude-plugin/marketplace.json": JSON.stringify({ name: "a b", owner: { name: "o" }, plugins: [] }),
      file: "text",
      "oracle.json": JSON.stringify({
        roots: { file: { ok: false } },
        markets: { r: { ok: false }, file: { ok: false } },
      }),
    });
    const { verdict, disagreements } = compareWithOracle(directory, join(directory, "oracle.json"));
    expect({ verdict, disagreements }).toStrictEqual({ verdict: { agreed: 3, compared: 3 }, disagreements: [] });
  });
});
