import fc from "fast-check";
import { expect, it } from "vitest";
import { editCommentedJson } from "../../schemas/commented-json.ts";
import { editPlainJson } from "../../schemas/plain-json.ts";

const key = fc.constantFrom("plugins", "a@m", "b@m", "c", "__proto__", "1", "é");
const value = fc.oneof(fc.constantFrom("*", "^1", "", '"\\\u2028'), fc.boolean());
const root = fc.dictionary(key, fc.oneof(value, fc.dictionary(key, value, { maxKeys: 4 })), { maxKeys: 4 });
const edit = fc.record({
  path: fc.array(key, { minLength: 1, maxLength: 3 }),
  value: fc.oneof(value, fc.constant(undefined)),
});

it("edits a plain text as the editor of commented ones does", () => {
  let edited = 0;
  fc.assert(
    fc.property(root, fc.array(edit, { minLength: 1, maxLength: 3 }), (before, edits) => {
      const text = `${JSON.stringify(before, null, 2)}\n`;
      const plain = editPlainJson(text, edits);
      if (plain === undefined) return;
      edited += 1;
      expect(plain).toBe(editCommentedJson(text, edits));
    }),
    { numRuns: 3000 },
  );
  expect(edited).toBeGreaterThan(100);
});

it("leaves what a person wrote in their own way to the other editor", () => {
  const texts = ['{"a": "b"}\n', '{\n  // why\n  "a": "b"\n}\n', '{\n  "a": "b"\n}', "[]\n", ""];
  for (const text of texts) expect(editPlainJson(text, [{ path: ["a"], value: "c" }])).toBeUndefined();
});
