import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Generation, GenerationPlugin } from "../../schemas/generation.ts";
import { readGeneration, writeGeneration } from "../../schemas/generation-file.ts";
import { readGenerationList } from "../../schemas/generation-list.ts";
import { isCodedError } from "../../schemas/errors.ts";

const DIGEST = `sha256-${"0".repeat(64)}` as const;

const plugin = fc
  .record({
    id: fc.string({ minLength: 1 }),
    version: fc.string(),
    scope: fc.constantFrom("user", "project", "local"),
    enabled: fc.boolean(),
    requested: fc.boolean(),
    provides: fc.dictionary(fc.constantFrom("skill", "mcp", "hook"), fc.nat()),
    dependencies: fc.dictionary(fc.constantFrom("a@m", "ü@m", "z\n@m"), fc.constantFrom("*", "^1")),
    disabledComponents: fc.array(fc.constantFrom("mcp/x", "skill/\u2028")),
  })
  .map((listed) => ({ ...FIXED, ...listed }) as GenerationPlugin);

const FIXED = {
  tree: DIGEST,
  manifest: DIGEST,
  format: "claude-code",
  source: { kind: "directory", path: "p" },
  consent: "",
  tokens: 0,
  bytes: 0,
  installedAt: "2026-01-01T00:00:00.000Z",
} as const;

const generation = fc
  .dictionary(fc.constantFrom("user", "/srv/pé", "/a b"), fc.array(plugin))
  .map((roots): Generation => ({
    schema: 1,
    number: 7,
    parent: 6,
    createdAt: "2026-01-01T00:00:00.000Z",
    verb: "add",
    root: "user",
    roots: Object.fromEntries(Object.entries(roots).map(([root, plugins]) => [root, { lockDigest: DIGEST, plugins }])),
    audit: [],
  }));

/** Reads the list of a file as `list` does. */
function listed(text: string) {
  const [line = "", ...rest] = text.split("\n");
  return readGenerationList(line, Buffer.byteLength(rest.join("\n")));
}

describe("the list of a generation", () => {
  it("says of every plugin what the generation says", () => {
    fc.assert(
      fc.property(generation, (given) => {
        const text = writeGeneration(given);
        const whole = readGeneration(text, "7.json");
        const list = listed(text);
        expect([list?.number, list?.createdAt, Object.keys(list?.roots ?? {})]).toEqual([
          whole.number,
          whole.createdAt,
          Object.keys(whole.roots),
        ]);
        for (const [root, { lockDigest, plugins }] of Object.entries(whole.roots)) {
          expect(list?.roots[root]?.lockDigest).toBe(lockDigest);
          expect(list?.roots[root]?.plugins).toEqual(
            plugins.map((one) => ({
              id: one.id,
              version: one.version,
              scope: one.scope,
              enabled: one.enabled,
              requested: one.requested,
              provides: one.provides,
              dependencies: one.dependencies,
              disabledComponents: one.disabledComponents,
            })),
          );
        }
      }),
    );
  });

  const [sample] = fc.sample(generation, { numRuns: 1, seed: 3 });
  const one: GenerationPlugin = { ...FIXED, ...basic(), provides: { skill: 2 } };
  const text = writeGeneration({ ...sample!, roots: { user: { lockDigest: "", plugins: [one] } } });

  it.each<[string, (text: string) => string]>([
    ["a file that is cut", (whole) => whole.slice(0, -1)],
    ["a file that grew", (whole) => `${whole} `],
    ["a line that is cut", (whole) => whole.replace(",\n", "\n")],
    ["a newer schema", (whole) => whole.replace('"schema":1', '"schema":2')],
    ["a plugin of no scope", (whole) => whole.replace('"user",3', '"all",3')],
    ["a plugin without provisions", (whole) => whole.replace('"user",3,0', '"user",3,9')],
    ["a generation without a list", (whole) => whole.replace('"list":', '"lost":')],
    ["rows that are none", (whole) => whole.replace('"rows":{"user":[', '"rows":{"user":7,"x":[')],
  ])("is not read from %s", (_what, damage) => {
    expect(listed(text)?.roots["user"]?.plugins).toHaveLength(1);
    expect(damage(text)).not.toBe(text);
    expect(listed(damage(text))).toBeUndefined();
  });

  it("that differs from its generation makes the file a damaged one", () => {
    const changed = text.replace('"user",3,0', '"user",1,0');
    expect(changed).not.toBe(text);
    expect(() => readGeneration(changed, "7.json")).toThrow(
      expect.toSatisfy((error: unknown) => isCodedError(error) && error.code === "E_STATE_CORRUPT"),
    );
  });
});

function basic() {
  return {
    id: "fmt@acme",
    version: "1.0.0",
    scope: "user",
    enabled: true,
    requested: true,
    dependencies: {},
    disabledComponents: [],
  } as const;
}
