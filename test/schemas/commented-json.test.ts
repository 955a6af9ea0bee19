import fc from "fast-check";
import { parse, type ParseError } from "jsonc-parser";
import { describe, expect, it } from "vitest";
import { editCommentedJson } from "../../schemas/commented-json.ts";
import { editIntent } from "../../schemas/settings-edit.ts";

const FILE = `{
  // what we want
  "schema": 1, // version
  "plugins": {
    // the formatter
    "a@m": "^1", // pinned: 2 breaks us
    /* the linter */
    "b@m": "^1", /* see the notes */
    // the last one
    "c@m": "*" // any
    // "d@m": "*"
  }
}
`;

describe("removing a member", () => {
  it.each([
    ["the first", "a@m", '    "a@m": "^1", // pinned: 2 breaks us\n', ""],
    ["a middle one", "b@m", '    "b@m": "^1", /* see the notes */\n', ""],
    [
      "the last",
      "c@m",
      '    "b@m": "^1", /* see the notes */\n    // the last one\n    "c@m": "*" // any\n',
      '    "b@m": "^1" /* see the notes */\n    // the last one\n',
    ],
  ])("takes %s with its comma and its own line's comments, and no other", (_which, id, from, to) => {
    expect(FILE).toContain(from);
    expect(editIntent(FILE, { kind: "plugin", id })).toBe(FILE.replace(from, to));
  });

  it.each<[string, string, string, string]>([
    ["first of a line", '{ "a": 1, /* of b */ "b": 2 }', "a", '{ /* of b */ "b": 2 }'],
    ["last of a line", '{ "a": 1, /* of b */ "b": 2 /* too */ }', "b", '{ "a": 1 }'],
    ["middle of a line", '{ "a": 1, "b": 2 /* of b */, "c": 3 }', "b", '{ "a": 1, "c": 3 }'],
    ["only one", '{ "a": 1 }', "a", "{}"],
    ["only one, spread", '{\n  "a": {\n    "x": 1\n  }\n}\n', "a", "{}\n"],
    ["only one, with a comment", '{\n  // ours\n  "a": 1\n}\n', "a", "{\n  // ours\n}\n"],
    ["comma first", '{\n  "a": 1 // of a\n  // of b\n  , "b": 2\n}', "a", '{\n  // of b\n   "b": 2\n}'],
    ["after the brace", '{ // ours\n  "a": 1,\n  "b": 2\n}', "a", '{ // ours\n  "b": 2\n}'],
    ["beside the brace", '{ "a": 1, // of a\n  "b": 2 }', "a", '{\n  "b": 2 }'],
    ["before a long comment", '{\n  "a": 1, /* of\n  b */\n  "b": 2\n}', "a", '{\n  /* of\n  b */\n  "b": 2\n}'],
    ["with a comment before it", '{\n  /* of a */ "a": 1,\n  "b": 2\n}', "a", '{\n  "b": 2\n}'],
  ])("leaves a valid text: %s", (_which, text, key, expected) => {
    expect(editCommentedJson(text, [{ path: [key], value: undefined }])).toBe(expected);
  });
});

describe("adding a member", () => {
  it.each<[string, string, string]>([
    ["after a line comment", '{\n  "a": 1 // of a\n}\n', '{\n  "a": 1, // of a\n  "n": true\n}\n'],
    ["after a block comment", '{\n  "a": 1 /* of a */\n}', '{\n  "a": 1, /* of a */\n  "n": true\n}'],
    ["after a commented member", '{\n  "a": 1\n  // "b": 2\n}', '{\n  "a": 1,\n  // "b": 2\n  "n": true\n}'],
    ["on the line of all", '{ "a": 1 /* of a */ }', '{ "a": 1, /* of a */ "n": true }'],
    ["before a brace on its line", '{\n\t"a": 1}', '{\n\t"a": 1,\n\t"n": true\n}'],
    ["to an empty object", "{}", '{\n  "n": true\n}'],
    ["to an object with a comment", "{\n  // nothing yet\n}\n", '{\n  // nothing yet\n  "n": true\n}\n'],
    ["to one with a comment on its line", "{ /* none */ }", '{ /* none */ "n": true }'],
    ["with the file's line ends", '{\r\n  "a": 1 // of a\r\n}', '{\r\n  "a": 1, // of a\r\n  "n": true\r\n}'],
  ])("keeps the comments: %s", (_which, text, expected) => {
    expect(editCommentedJson(text, [{ path: ["n"], value: true }])).toBe(expected);
  });

  it("makes the objects on its path", () => {
    const text = '{\n  "a": {} // none\n}\n';
    expect(editCommentedJson(text, [{ path: ["b", "c", "d"], value: "*" }])).toBe(
      '{\n  "a": {}, // none\n  "b": {\n    "c": {\n      "d": "*"\n    }\n  }\n}\n',
    );
  });

  it("refuses to put a member into what is no object", () => {
    expect(() => editCommentedJson('{ "a": [] }', [{ path: ["a", "b"], value: 1 }])).toThrow("is no object");
  });
});

it("changes an object member by member", () => {
  const text = '{\n  "m": {\n    "source": "github", // ours\n    "repo": "o/r",\n    "ref": "v1" // pinned\n  }\n}\n';
  const value = { source: "github", repo: "o/s" };
  expect(editCommentedJson(text, [{ path: ["m"], value }])).toBe(
    '{\n  "m": {\n    "source": "github", // ours\n    "repo": "o/s"\n  }\n}\n',
  );
});

it("leaves the file valid, with every value and every comment of another line, whatever it removes or adds", () => {
  const gap = fc.constantFrom(
    "",
    " ",
    "\n",
    "\n  ",
    "\n  // line\n  ",
    " // tail\n",
    " /* block */ ",
    "\n/* two\nlines */\n",
  );
  const keys = fc.uniqueArray(fc.constantFrom<string[]>("a", "b", "c", "d"), { minLength: 1, maxLength: 4 });
  const gaps = fc.array(gap, { minLength: 20, maxLength: 20 });
  let edited = 0;
  fc.assert(
    fc.property(keys, gaps, fc.nat(3), fc.boolean(), (names, spaces, at, adds) => {
      const members = names.map((name, index) => {
        const [before = "", middle = "", behind = ""] = spaces.slice(index * 4, index * 4 + 3);
        return `${before}"${name}":${middle}{"v": "${name}, // no comment"}${behind}`;
      });
      const text = `{${members.join(",")}${spaces[19] ?? ""}}`;
      const key = adds ? "n" : (names[at % names.length] ?? "a");
      const value = adds ? "*" : undefined;
      const after = editCommentedJson(text, [{ path: [key], value }]);
      const errors: ParseError[] = [];
      const expected = Object.fromEntries(names.map((name) => [name, { v: `${name}, // no comment` }]));
      const { [key]: _removed, ...rest } = expected;
      expect(parse(after, errors)).toEqual(adds ? { ...expected, n: "*" } : rest);
      expect(errors).toEqual([]);
      const count = (of: string, what: RegExp): number => of.match(what)?.length ?? 0;
      const alone = /^\s*\/\/ line$|\/\* two\nlines \*\//gmu;
      if (adds) expect(count(after, alone)).toBe(count(text, alone));
      else {
        const inner = count(members[names.indexOf(key)]?.replace(/^[^"]*"/u, "").replace(/\}[^}]*$/u, "") ?? "", alone);
        expect(count(after, alone)).toBeGreaterThanOrEqual(count(text, alone) - inner);
      }
      edited += 1;
    }),
    { numRuns: 3000 },
  );
  expect(edited).toBe(3000);
});
