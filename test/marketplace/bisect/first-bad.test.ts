import { describe, expect, it } from "vitest";
import { firstBad, type Verdict } from "../../../marketplace/bisect/first-bad.ts";
import { changesBetween, type TrialState, withChanges } from "../../../marketplace/bisect/states.ts";
import type { GenerationPlugin } from "../../../schemas/generation.ts";

async function search(count: number, verdict: (at: number) => Verdict) {
  let tries = 0;
  const found = await firstBad(count, async (at) => {
    tries += 1;
    return verdict(at);
  });
  return { ...found, tries };
}

describe("looking for the first bad state", () => {
  it("finds each of 32 changes in at most six tries", async () => {
    for (let bad = 1; bad <= 32; bad += 1) {
      const { first, last, tries } = await search(32, (at) => (at >= bad ? "bad" : "good"));
      expect([first, last]).toEqual([bad, bad]);
      expect(tries).toBeLessThanOrEqual(6);
    }
  });

  it("passes over what cannot be tested, and says between which states it lies when that hides it", async () => {
    for (let bad = 1; bad <= 16; bad += 1) {
      for (let skip = 1; skip <= 15; skip += 1) {
        const { first, last } = await search(16, (at) => (at === skip ? "skip" : at >= bad ? "bad" : "good"));
        expect(first <= bad && bad <= last).toBe(true);
        expect(last - first).toBe(skip === bad || skip === bad - 1 ? 1 : 0);
      }
    }
    expect(await search(3, () => "skip")).toEqual({ first: 1, last: 3, tries: 2 });
    expect(await search(1, () => "good")).toEqual({ first: 1, last: 1, tries: 0 });
  });
});

const plugin = (
  id: string,
  version: string,
  dependencies: Readonly<Record<string, string>> = {},
): GenerationPlugin => ({
  id,
  version,
  tree: "sha256-a",
  manifest: "sha256-b",
  format: "claude-code",
  source: { kind: "directory", path: "/x" },
  enabled: true,
  requested: true,
  scope: "user",
  disabledComponents: [],
  dependencies,
  consent: "",
  provides: {},
  tokens: 0,
  bytes: 0,
  installedAt: "",
});
const state = (label: string, ...plugins: readonly GenerationPlugin[]): TrialState => ({
  label,
  roots: { user: { lockDigest: "", plugins } },
});

describe("the plugins between two states", () => {
  it("stand in the order in which one after another can be taken over", () => {
    const before = state("1", plugin("app", "1", { kit: "*" }), plugin("gone", "1"), plugin("same", "1"));
    const after = state("2", plugin("app", "2", { kit: "*" }), plugin("kit", "1"), plugin("same", "1"));
    const changes = changesBetween(before, after);
    expect(changes.map(({ id }) => id)).toEqual(["kit", "app", "gone"]);
    const whole = withChanges(before, changes, "2");
    expect(whole.roots["user"]?.plugins).toEqual(after.roots["user"]?.plugins);
    expect(withChanges(before, changes.slice(0, 1), "x").roots["user"]?.plugins.map(({ id }) => id)).toEqual([
      "app",
      "gone",
      "kit",
      "same",
    ]);
  });
});
