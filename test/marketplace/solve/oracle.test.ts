import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { explanationText, solve, type SolveOutcome, type VersionProvider } from "../../../marketplace/solve/index.ts";
import { allAnswers, dominates, findFlaw, type Selection } from "./oracle.ts";
import { type Problem, type Registry, registryProvider, requestOf } from "./registry.ts";

const IDS = ["a", "b", "c", "d", "e"];
const VERSIONS = ["1.0.0", "1.1.0-beta", "1.1.0", "2.0.0-rc.1", "2.0.0", "3.0.0"];
const RANGES = [
  "*",
  "^1.0.0",
  "^2.0.0",
  ">=1.1.0",
  "<2.0.0",
  "<2.0.0 || >2.0.0",
  "1.0.0",
  "2.0.0",
  "~1.1.0",
  ">=1.1.0-beta",
  "^2.0.0-rc.1",
  ">=4.0.0",
];

const id = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...IDS) },
  { weight: 1, arbitrary: fc.constant("missing") },
);
const range = fc.oneof(
  { weight: 1, arbitrary: fc.constant("*") },
  { weight: 2, arbitrary: fc.constantFrom(...RANGES) },
);
const needs = fc.dictionary(id, range, { maxKeys: 2 });
const isYanked = fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) });
const release = fc.record({ requires: needs, yanked: isYanked });
const packageVersions = fc.dictionary(fc.constantFrom(...VERSIONS), release, { minKeys: 1, maxKeys: 5 });
const registryOf = fc.tuple(...IDS.map(() => packageVersions)).map((list): Registry => {
  return Object.fromEntries(list.map((versions, place) => [IDS[place] ?? "", versions]));
});
const problemOf = fc.record<Problem>(
  {
    registry: registryOf,
    root: fc.dictionary(fc.constantFrom(...IDS), range, { minKeys: 1, maxKeys: 3 }),
    locked: fc.dictionary(fc.constantFrom(...IDS), fc.constantFrom(...VERSIONS), { maxKeys: 2 }),
    overrides: fc.dictionary(fc.constantFrom(...IDS), fc.constantFrom(...RANGES), { maxKeys: 1 }),
  },
  { requiredKeys: ["registry", "root"] },
);

function print(outcome: SolveOutcome): string {
  return JSON.stringify(outcome, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}

function reversed<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toReversed());
}

/** The same answers one tick later, and no knowledge of other versions. */
function slow(provider: VersionProvider): VersionProvider {
  return {
    versions: async (name) => provider.versions(name),
    requirements: async (name, version) => provider.requirements(name, version),
  };
}

describe("an answer, compared with trying everything", () => {
  it("exists exactly when there is one, is valid, and is not dominated", async () => {
    let [solved, refused] = [0, 0];
    await fc.assert(
      fc.asyncProperty(problemOf, async (problem) => {
        const outcome = await solve(requestOf(problem), registryProvider(problem.registry));
        const answers = allAnswers(problem);
        if (outcome.kind === "unsatisfiable") {
          refused++;
          expect(answers).toEqual([]);
          return;
        }
        solved++;
        const found = Object.fromEntries(outcome.versions);
        expect(findFlaw(problem, found)).toBeUndefined();
        if (problem.locked !== undefined) return;
        expect(answers.find((other) => dominates(problem, other, found))).toBeUndefined();
      }),
      { numRuns: 3_000 },
    );
    expect(Math.min(solved, refused)).toBeGreaterThan(500);
  });

  it("is the same when each fact is learned late and alone", async () => {
    await fc.assert(
      fc.asyncProperty(problemOf, async (problem) => {
        const provider = registryProvider(problem.registry);
        const outcome = await solve(requestOf(problem), slow(provider));
        const answers = allAnswers(problem);
        expect(outcome.kind).toBe(answers.length > 0 ? "solution" : "unsatisfiable");
        if (outcome.kind === "unsatisfiable") return;
        const found = Object.fromEntries(outcome.versions);
        expect(findFlaw(problem, found)).toBeUndefined();
        if (problem.locked !== undefined) return;
        expect(answers.find((other) => dominates(problem, other, found))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps every locked version when all of them together are valid", async () => {
    await fc.assert(
      fc.asyncProperty(problemOf, fc.nat(), async (problem, pick) => {
        const unlocked: Problem = { ...problem, locked: {} };
        const answers = allAnswers(unlocked);
        const locked = answers[pick % Math.max(1, answers.length)];
        if (locked === undefined) return;
        for (const mode of ["newest", "oldest", "locked"] as const) {
          const outcome = await solve(requestOf({ ...unlocked, locked, mode }), registryProvider(problem.registry));
          expect(outcome.kind === "solution" && Object.fromEntries(outcome.versions)).toEqual(locked);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("keeps the whole lock beside a new requirement when both have a common answer", async () => {
    let kept = 0;
    await fc.assert(
      fc.asyncProperty(problemOf, fc.constantFrom(...IDS), range, async (problem, added, wanted) => {
        const before: Problem = { registry: problem.registry, root: problem.root };
        const locked = allAnswers(before)[0];
        if (locked === undefined || problem.root[added] !== undefined) return;
        const after: Problem = { ...before, root: { ...problem.root, [added]: wanted }, locked };
        const keeps = (answer: Selection): boolean => Object.entries(locked).every(([id, at]) => answer[id] === at);
        if (!allAnswers(after).some(keeps)) return;
        kept++;
        const outcome = await solve(requestOf(after), registryProvider(problem.registry));
        expect(outcome.kind === "solution" && keeps(Object.fromEntries(outcome.versions))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
    expect(kept).toBeGreaterThan(100);
  });

  it("is byte-equal when everything is given in another order", async () => {
    await fc.assert(
      fc.asyncProperty(problemOf, async (problem) => {
        const registry = reversed(
          Object.fromEntries(
            Object.entries(problem.registry).map(([name, versions]) => [
              name,
              reversed(
                Object.fromEntries(
                  Object.entries(versions).map(([version, { requires = {}, ...rest }]) => [
                    version,
                    { ...rest, requires: reversed(requires) },
                  ]),
                ),
              ),
            ]),
          ),
        );
        const turned: Problem = { ...problem, registry, root: reversed(problem.root) };
        const first = await solve(requestOf(problem), registryProvider(problem.registry));
        expect(print(await solve(requestOf(turned), registryProvider(registry)))).toBe(print(first));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("an explanation, checked by leaving things out", () => {
  it("stays true when every package that it does not involve accepts anything", async () => {
    await fc.assert(
      fc.asyncProperty(problemOf, async (problem) => {
        const outcome = await solve(requestOf(problem), registryProvider(problem.registry));
        if (outcome.kind === "solution") return;
        const { packages } = outcome.explanation;
        const registry = Object.fromEntries(
          Object.entries(problem.registry).map(([name, versions]) => [
            name,
            packages.includes(name) ? versions : { ...versions, "9.0.0": {}, "1.0.0": {}, "2.0.0": {} },
          ]),
        );
        const wider: Problem = {
          ...problem,
          registry,
          root: Object.fromEntries(Object.entries(problem.root).filter(([name]) => packages.includes(name))),
        };
        expect([allAnswers(wider), explanationText(outcome.explanation)]).toEqual([[], expect.any(String)]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("offers only remedies, each with a command", async () => {
    await fc.assert(
      fc.asyncProperty(problemOf, async (problem) => {
        const outcome = await solve(requestOf(problem), registryProvider(problem.registry));
        if (outcome.kind === "solution") return;
        expect(outcome.explanation.remedies.length).toBeLessThanOrEqual(3);
        for (const { command } of outcome.explanation.remedies) {
          const [, verb, argument = ""] = /^plugin (add|remove) (.*)$/.exec(command ?? "") ?? [];
          const root =
            verb === "add"
              ? { ...problem.root, ...relaxation(argument) }
              : Object.fromEntries(
                  Object.entries(problem.root).filter(([name]) => !argument.split(" ").includes(name)),
                );
          expect([argument, allAnswers({ ...problem, root }).length > 0]).toEqual([argument, true]);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function relaxation(argument: string): Record<string, string> {
  const [, name = "", range = ""] = /^'([^@]+)@(.*)'$/.exec(argument) ?? [];
  return { [name]: range };
}
