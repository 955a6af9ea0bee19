import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readFlatBlock } from "../../schemas/frontmatter-flat.ts";
import { parseYamlBlock } from "../../schemas/frontmatter-yaml.ts";

const word = fc.constantFrom(
  "a",
  "use",
  "Read",
  "true",
  "True",
  "no",
  "null",
  "~",
  "0",
  "007",
  "1.10",
  "1e3",
  "0x1F",
  "0o7",
  "12345678901234567890",
  "2024-01-05",
  "1.2.3",
  ".5",
  ".inf",
  ".nan",
  "-",
  "- b",
  "?",
  ": c",
  "d:",
  "e:f",
  "#x",
  "g#h",
  "&i",
  "*j",
  "!k",
  "!!str l",
  "%m",
  "@n",
  "`o`",
  "{p}",
  "[q]",
  "[r, s]",
  '[t, "u"]',
  "[v w]",
  ",",
  '"',
  "'",
  "''",
  '"x y"',
  "'z'",
  String.raw`"a\nb\"c"`,
  String.raw`\n`,
  "|",
  ">",
  "|-",
  ">-",
  ">+",
  "|2",
  "---",
  "...",
  "é",
  "日本",
  "🎉",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\t",
  "<<",
  "Bash(git:*)",
);
const text = fc
  .array(word, { minLength: 0, maxLength: 4 })
  .chain((words) => fc.constantFrom(words.join(" "), words.join("")));
const key = fc.constantFrom(
  "name",
  "description",
  "tools",
  "a-b",
  "x_1",
  "true",
  "null",
  "__proto__",
  "on",
  "A",
  "<<",
  "1",
  "é",
  '"q"',
);
const indent = fc.constantFrom("", "", " ", "  ", "  ", "    ", "\t");
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(key, text).map(([name, value]) => `${name}: ${value}`) },
  { weight: 2, arbitrary: fc.tuple(indent, key, text).map(([space, name, value]) => `${space}${name}: ${value}`) },
  { weight: 3, arbitrary: key.map((name) => `${name}:`) },
  { weight: 4, arbitrary: fc.tuple(indent, text).map(([space, value]) => `${space}- ${value}`) },
  { weight: 3, arbitrary: fc.tuple(indent, text).map(([space, value]) => `${space}${value}`) },
  {
    weight: 2,
    arbitrary: fc.tuple(key, fc.constantFrom("|", ">", "|-", ">-")).map(([name, header]) => `${name}: ${header}`),
  },
  { weight: 1, arbitrary: fc.constantFrom("", "", "# c", " # c", "   ") },
);
const block = fc.array(line, { maxLength: 7 }).map((lines) => lines.map((item) => `${item}\n`).join(""));

describe("the fast path of front matter", () => {
  it("means the same as the YAML parser in everything it accepts", () => {
    let accepted = 0;
    fc.assert(
      fc.property(block, (source) => {
        const flat = readFlatBlock(source);
        if (flat === undefined) return;
        accepted++;
        const parsed = parseYamlBlock(source);
        expect(parsed).toMatchObject({ kind: "ok", repeated: [], dropped: [] });
        if (parsed.kind !== "ok") return;
        expect(flat.fields).toStrictEqual(parsed.fields);
        expect(flat.sources).toStrictEqual(parsed.sources);
      }),
      { numRuns: 20_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it.each([
    ["flat fields", "name: a\ndescription: does, it (well)\n", { name: "a", description: "does, it (well)" }],
    ["quoted values", "a: \"x: y\"\nb: 'it''s'\n", { a: "x: y", b: "it's" }],
    ["typed values", "a: true\nb: null\nc: 12\nd: 1.5\n", { a: true, b: null, c: 12, d: 1.5 }],
    [
      "words that YAML 1.1 would type",
      "a: yes\nb: on\nc: 2024-01-05\nd: 1.2.3\n",
      { a: "yes", b: "on", c: "2024-01-05", d: "1.2.3" },
    ],
    ["lists below a key", "tools:\n  - Read\n  - Bash(git:*)\n", { tools: ["Read", "Bash(git:*)"] }],
    ["lists on the line", "tools: [Read, 'Edit file']\n", { tools: ["Read", "Edit file"] }],
    [
      "a map below a key",
      "metadata:\n  author: x\n  version: 1.0.0\n",
      { metadata: { author: "x", version: "1.0.0" } },
    ],
    ["folded and literal text", "a: >-\n  one\n  two\nb: |\n  one\n  two\n", { a: "one two", b: "one\ntwo\n" }],
  ])("reads %s without the parser", (_, source, fields) => {
    expect(readFlatBlock(source)?.fields).toStrictEqual(fields);
  });

  it.each([
    ["a colon inside plain text", "a: b: c\n"],
    ["a comment after a value", "a: b # c\n"],
    ["an anchor", "a: &x b\n"],
    ["a tag", "a: !!str b\n"],
    ["a repeated key", "a: b\na: c\n"],
    ["a prototype key", "__proto__: b\n"],
    ["a continued line", "a: b\n  c\n"],
    ["a tab", "a:\tb\n"],
    ["nested structures", "a:\n  - b: c\n"],
    ["an empty value", "a:\nb: c\n"],
    ["a line of blanks behind a gap, which is text", "a: |\n  b\n\n   \n"],
  ])("leaves %s to the parser", (_, source) => {
    expect(readFlatBlock(source)).toBeUndefined();
  });
});
