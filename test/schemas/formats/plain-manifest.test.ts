import fc from "fast-check";
import { expect, it } from "vitest";
import { PLUGIN_KEYS } from "../../../schemas/claude-plugin.ts";
import { plainEntry, plainManifest } from "../../../schemas/formats/plain-manifest.ts";
import { agentPluginShape, entryShape, pluginShape } from "../../../schemas/shapes.ts";

const text = fc.oneof(
  fc.constantFrom("", "a", "./a.md", "^1", "https://example.test/a", "https://x y", " https://example.test", "http://"),
  fc.string(),
  fc.webUrl(),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    text,
    fc.boolean(),
    fc.integer(),
    fc.constant(null),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("name", "email", "url", "version", "marketplace", "x"), tie("json"), { maxKeys: 4 }),
  ),
}));
const plausible = fc.oneof(
  { weight: 4, arbitrary: text },
  { weight: 2, arbitrary: fc.array(text, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.record({ name: text, version: text }, { requiredKeys: [] }) },
  { weight: 1, arbitrary: fc.boolean() },
  { weight: 1, arbitrary: fc.array(fc.record({ name: text, version: text }), { maxLength: 2 }) },
  { weight: 1, arbitrary: json },
);
const manifest = fc.dictionary(fc.constantFrom(...PLUGIN_KEYS, "x", "tags", "source"), plausible, { maxKeys: 6 });

it("takes a plain manifest exactly as the schemas would", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        manifest,
        manifest.map((rest) => ({ ...rest, name: "p" })),
        json,
      ),
      (value) => {
        const plain = plainManifest(value);
        if (plain === undefined) return;
        taken += 1;
        expect(pluginShape(value)).toEqual({ success: true, data: plain });
        expect(agentPluginShape(value)).toEqual({ success: true, data: plain });
      },
    ),
    { numRuns: 5000 },
  );
  expect(taken).toBeGreaterThan(100);
});

it("takes a plain catalog entry exactly as its schema would", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(manifest, json), (value) => {
      const plain = plainEntry(value);
      if (plain === undefined) return;
      taken += 1;
      expect(entryShape(value)).toEqual({ success: true, data: plain });
    }),
    { numRuns: 5000 },
  );
  expect(taken).toBeGreaterThan(100);
});

it("takes every plain field of a real manifest", () => {
  const written = {
    $schema: "https://example.test/schema.json",
    name: "p",
    version: "1.0.0",
    description: "does p",
    author: { name: "a", email: "a@example.test", nick: 1 },
    homepage: "https://example.test/p#readme",
    keywords: ["a"],
    defaultEnabled: false,
    dependencies: ["q", { name: "r", version: "^1" }],
    skills: "./skills",
    commands: ["./a.md"],
    category: { any: "thing" },
  };
  expect(plainManifest(written)).toEqual(written);
});
