import semver from "semver";

import type { Problem } from "./registry.ts";

/** Package → version. */
export type Selection = Readonly<Record<string, string>>;

/** The ranges that the root sets, overrides included. */
function rootRanges({ root, overrides = {} }: Problem): Readonly<Record<string, string>> {
  return { ...root, ...overrides };
}

function isAllowed(problem: Problem, id: string, version: string): boolean {
  if (problem.registry[id]?.[version]?.yanked !== true) return true;
  const pin = rootRanges(problem)[id];
  return problem.locked?.[id] === version || (pin !== undefined && semver.valid(pin.replace(/^\s*=/, "")) === version);
}

function needsOf({ registry, overrides = {} }: Problem, id: string, version: string): readonly [string, string][] {
  return Object.entries(registry[id]?.[version]?.requires ?? {}).map(([name, range]) => [
    name,
    overrides[name] ?? range,
  ]);
}

/** What makes a selection not a valid answer, by the rules of `resolver-scenario/1`; undefined when it is one. */
export function findFlaw(problem: Problem, selection: Selection): string | undefined {
  const reached = new Set<string>();
  const open: [string, string, string][] = Object.entries(rootRanges(problem)).map(([id, range]) => [
    "the root",
    id,
    range,
  ]);
  for (const [from, id, range] of open) {
    const version = selection[id];
    if (version === undefined) return `${from} needs ${id}, which is not selected`;
    if (problem.registry[id]?.[version] === undefined) return `${id} ${version} does not exist`;
    if (!semver.satisfies(version, range)) return `${from} needs ${id} ${range}, selected is ${version}`;
    if (!isAllowed(problem, id, version)) return `${id} ${version} is withdrawn`;
    if (reached.has(id)) continue;
    reached.add(id);
    for (const [name, needed] of needsOf(problem, id, version)) open.push([id, name, needed]);
  }
  const extra = Object.keys(selection).filter((id) => !reached.has(id));
  return extra.length === 0 ? undefined : `nothing needs ${extra.join(", ")}`;
}

/** Every valid answer, found by trying everything; for small registries only. */
export function allAnswers(problem: Problem): Selection[] {
  const answers: Selection[] = [];
  const extend = (chosen: ReadonlyMap<string, string>, ranges: ReadonlyMap<string, readonly string[]>): void => {
    const next = [...ranges.keys()].find((id) => !chosen.has(id));
    if (next === undefined) {
      answers.push(Object.fromEntries(chosen));
      return;
    }
    for (const version of Object.keys(problem.registry[next] ?? {})) {
      if (!isAllowed(problem, next, version)) continue;
      const wider = new Map(ranges);
      for (const [id, range] of needsOf(problem, next, version)) wider.set(id, [...(wider.get(id) ?? []), range]);
      const selected = new Map([...chosen, [next, version]]);
      const fits = [...selected].every(([id, picked]) =>
        (wider.get(id) ?? []).every((range) => semver.satisfies(picked, range)),
      );
      if (fits) extend(selected, wider);
    }
  };
  extend(new Map(), new Map(Object.entries(rootRanges(problem)).map(([id, range]) => [id, [range]])));
  return answers;
}

/** Whether `other` is better than `selection`: newer in some root package and older in none, or, roots equal, so in every package. */
export function dominates(problem: Problem, other: Selection, selection: Selection): boolean {
  const roots = Object.keys(rootRanges(problem));
  const compare = (ids: readonly string[]): number[] =>
    ids.map((id) => semver.compare(other[id] ?? "0.0.0-0", selection[id] ?? "0.0.0-0"));
  const isBetter = (orders: readonly number[]): boolean =>
    orders.every((order) => order >= 0) && orders.some((order) => order > 0);
  if (isBetter(compare(roots))) return true;
  const ids = Object.keys(selection);
  const isSameGraph = ids.length === Object.keys(other).length && ids.every((id) => other[id] !== undefined);
  return compare(roots).every((order) => order === 0) && isSameGraph && isBetter(compare(ids));
}
