import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCodedError } from "../../schemas/errors.ts";
import { readJson } from "../../schemas/json-text.ts";

const refusals: readonly (readonly [what: string, input: string | Uint8Array, code: string, where: string])[] = [
  ["an empty text", "", "E_JSON", "f.json:1:1"],
  ["an object without end", "{", "E_JSON", "f.json:1:2"],
  ["a trailing comma", "[1,]", "E_JSON", "f.json:1:4"],
  ["NaN", '{\n  "a": NaN\n}', "E_JSON", "f.json:2:8"],
  ["a line comment", '{\n// x\n"a":1}', "E_JSON", "f.json:2:1"],
  ["a block comment", '{"a":/* x */1}', "E_JSON", "f.json:1:6"],
  ["trailing garbage", '{"a":1} x', "E_JSON", "f.json:1:9"],
  ["a raw NUL", '{"a":1}\u0000', "E_JSON", "f.json:1:8"],
  ["a raw NUL in a string", '["\u0000"]', "E_JSON", "f.json:1:3"],
  ["an escaped NUL", '["\\u0000"]', "E_JSON", "f.json:1:3"],
  ["an escaped lone surrogate", '["\\ud83d"]', "E_JSON", "f.json:1:3"],
  ["a raw lone surrogate", '["\ud83d"]', "E_JSON", "f.json:1:3"],
  ["a second byte order mark", "\uFEFF\uFEFF{}", "E_JSON", "f.json:1:1"],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), "E_JSON", "f.json:1:1"],
  ["invalid UTF-8", new Uint8Array([0x22, 0x61, 0xc3, 0x22]), "E_JSON", "f.json:1:3"],
  ["100,000 levels", "[".repeat(100_000) + "]".repeat(100_000), "E_LIMIT_DEPTH", "f.json:1:65"],
  ["1,000,001 bytes", `"${"a".repeat(999_999)}"`, "E_LIMIT_SIZE", "f.json:1:1"],
  ["333,400 characters of three bytes", `"${"€".repeat(333_400)}"`, "E_LIMIT_SIZE", "f.json:1:1"],
];

describe("readJson", () => {
  it.each(refusals)("refuses %s and says where", (_what, input, code, where) => {
    expect(attempt(input)).toEqual({ code, where });
  });

  it("takes comments where they are allowed, and knows where everything stands", () => {
    const options = { file: "f.json", dangerousKeys: "refuse" } as const;
    const text = '{\n  // one\n  "a": "/* no */" /* two */\n}\n';
    const read = readJson(text, { ...options, comments: true });
    expect(read.value).toEqual({ a: "/* no */" });
    expect(read.locate(["a"])).toMatchObject({ line: 3, column: 8 });
    expect(() => readJson(text, options)).toThrow("is not valid JSON");
    expect(readJson('{\n  "a": "//"\n}', { ...options, comments: true }).value).toEqual({ a: "//" });
  });

  it("accepts one byte order mark", () => {
    expect(readJson("\uFEFF{}", { file: "f.json", dangerousKeys: "refuse" }).value).toEqual({});
  });

  it("accepts a surrogate pair, raw or escaped, and an escaped backslash before u0000", () => {
    const read = readJson(String.raw`["😀", "\ud83d\ude00", "\\u0000"]`, { file: "f.json", dangerousKeys: "refuse" });
    expect(read.value).toEqual(["😀", "😀", String.raw`\u0000`]);
  });

  it("drops dangerous keys at any depth without touching a prototype", () => {
    const text =
      '{"a": {"__proto__": {"polluted": 1}},\n "b": [{"constructor": 1, "\\u005f_proto__": 2}], "prototype": 3}';
    const read = readJson(text, { file: "f.json", dangerousKeys: "drop" });
    expect(read.value).toEqual({ a: {}, b: [{}] });
    expect(Object.getPrototypeOf({})).not.toHaveProperty("polluted");
    expect(read.diagnostics.map((found) => [found.code, found.line, found.column])).toEqual([
      ["W_JSON_DANGEROUS_KEY", 1, 8],
      ["W_JSON_DANGEROUS_KEY", 2, 9],
      ["W_JSON_DANGEROUS_KEY", 2, 27],
      ["W_JSON_DANGEROUS_KEY", 2, 50],
    ]);
  });

  it("keeps the last of repeated keys and names the later ones", () => {
    const read = readJson('{"a": 1, "b": {"a": 1},\n"a": 2}', { file: "f.json", dangerousKeys: "drop" });
    expect(read.value).toEqual({ a: 2, b: { a: 1 } });
    expect(read.diagnostics).toMatchObject([{ code: "W_JSON_DUPLICATE_KEY", line: 2, column: 1 }]);
  });

  it.each([
    ["a repeated key", '{"a": 1, "a": 1}', "f.json:1:10"],
    ["a dangerous key", '[{"__proto__": 1}]', "f.json:1:3"],
  ])("refuses %s when told so", (_what, text, where) => {
    expect(attempt(text)).toEqual({ code: "E_JSON", where });
  });

  it("finds keys and values, and the nearest ancestor of what is absent", () => {
    const text = '\uFEFF{\n  "a": [1, {"b": "x\\"]}"}, [ ]],\n  "c": -1.5e3\n}';
    const read = readJson(text, { file: "f.json", dangerousKeys: "drop" });
    expect(read.locate([])).toEqual({ line: 1, column: 1 });
    expect(read.locate(["a", 1, "b"])).toEqual({ line: 2, column: 18 });
    expect(read.locate(["a", 1, "b"], "key")).toEqual({ line: 2, column: 13 });
    expect(read.locate(["a", 2])).toEqual({ line: 2, column: 28 });
    expect(read.locate(["c"], "key")).toEqual({ line: 3, column: 3 });
    expect(read.locate(["a", 1, "zzz"])).toEqual({ line: 2, column: 12 });
  });
});

it("reads a text that is written as we write it like any other text", () => {
  const part = fc.constantFrom("a", "b", "__proto__", "constructor", "\u0000", "\ud83d", "é", "\\u0041", "1");
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { depthSize: "small" },
      part,
      fc.double(),
      fc.constantFrom(true, null, {}, []),
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(part, tie("json"), { maxKeys: 4 }),
    ),
  }));
  const outcome = (text: string): unknown => {
    try {
      const read = readJson(text, { file: "f.json", dangerousKeys: "refuse", maxDepth: 3 });
      return { value: read.value, at: [read.locate(["a", "b"]), read.locate(["a", 1], "key")] };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return { code: error.code, where: error.where };
    }
  };
  fc.assert(
    fc.property(json, (value) => {
      const text = `${JSON.stringify(value, null, 2)}\n`;
      // One blank more, and the text is no longer as we write it.
      expect(outcome(text)).toEqual(outcome(`${text} `));
    }),
    { numRuns: 3000 },
  );
});

function attempt(input: string | Uint8Array): { code: string; where: string | undefined } | undefined {
  try {
    readJson(input, { file: "f.json", dangerousKeys: "refuse" });
    return undefined;
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { code: error.code, where: error.where };
  }
}
