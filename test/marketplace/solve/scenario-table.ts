import type { Registry } from "./registry.ts";

/** `name version` → what it requires. */
type Releases = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** One case: a small world, a request, and what must come out. */
export interface Scenario {
  readonly name: string;
  readonly releases: Releases;
  readonly withdrawn?: readonly string[];
  readonly root: Readonly<Record<string, string>>;
  readonly locked?: Readonly<Record<string, string>>;
  readonly installed?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
  readonly mode?: "newest" | "oldest" | "locked";
  /** `name version` of every selected package; absent when there must be no answer. */
  readonly answer?: readonly string[];
  readonly cycles?: readonly (readonly string[])[];
  /** Literals that the explanation must and must not hold. */
  readonly says?: readonly string[];
  readonly silent?: readonly string[];
}

/** The releases of a scenario as a registry. */
export function registryOf({ releases, withdrawn = [] }: Pick<Scenario, "releases" | "withdrawn">): Registry {
  const registry: Record<string, Record<string, { requires: Readonly<Record<string, string>>; yanked?: boolean }>> = {};
  for (const [key, requires] of Object.entries(releases)) {
    const [id = "", version] = key.split(" ");
    const versions = (registry[id] ??= {});
    if (version !== undefined) versions[version] = withdrawn.includes(key) ? { requires, yanked: true } : { requires };
  }
  return registry;
}

const notes = { "notes@acme 1.0.0": {}, "notes@acme 1.4.0": {}, "notes@acme 2.0.0": {} };

/** The classes of `resolver-scenario/1`, in cases of our own. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "an empty request", releases: notes, root: {}, answer: [] },
  {
    name: "the newest version in range",
    releases: notes,
    root: { "notes@acme": "^1.0.0" },
    answer: ["notes@acme 1.4.0"],
  },
  {
    name: "the oldest version in range",
    releases: notes,
    root: { "notes@acme": ">=1.2" },
    mode: "oldest",
    answer: ["notes@acme 1.4.0"],
  },
  {
    name: "a chain of requirements",
    releases: { "a 1.0.0": { b: "~1.2.0" }, "b 1.2.3": { c: "1.x" }, "b 1.3.0": {}, "c 1.9.0": {}, "c 2.0.0": {} },
    root: { a: "*" },
    answer: ["a 1.0.0", "b 1.2.3", "c 1.9.0"],
  },
  {
    name: "two dependants that meet in one version",
    releases: { "a 1.0.0": { c: "<3" }, "b 1.0.0": { c: ">=2" }, "c 1.0.0": {}, "c 2.5.0": {}, "c 3.0.0": {} },
    root: { a: "*", b: "*" },
    answer: ["a 1.0.0", "b 1.0.0", "c 2.5.0"],
  },
  {
    name: "a requirement of a version that is not chosen",
    releases: { "a 1.0.0": { b: "*" }, "a 2.0.0": {}, "b 1.0.0": {} },
    root: { a: "*" },
    answer: ["a 2.0.0"],
  },
  {
    name: "a newest version that is a dead end",
    releases: { "a 1.0.0": {}, "a 2.0.0": { b: "*" }, "b 1.0.0": { a: "<2" } },
    root: { a: "*" },
    answer: ["a 1.0.0"],
  },
  {
    name: "a leaf that yields before the package that the root names",
    releases: {
      "app 1.0.0": { ui: "*" },
      "app 2.0.0": { ui: "*", core: "2.0.0" },
      "ui 1.0.0": {},
      "ui 2.0.0": { core: "1.0.0" },
      "core 1.0.0": {},
      "core 2.0.0": {},
    },
    root: { app: "*" },
    answer: ["app 2.0.0", "core 2.0.0", "ui 1.0.0"],
  },
  {
    name: "a conflict that jumps over an innocent package",
    releases: {
      "a 1.0.0": {},
      "a 2.0.0": { c: "1.0.0" },
      "b 1.0.0": {},
      "b 2.0.0": {},
      "b 3.0.0": {},
      "c 1.0.0": { a: "1.0.0" },
    },
    root: { a: "*", b: "*" },
    answer: ["a 1.0.0", "b 3.0.0"],
  },
  {
    name: "a cycle, reported as a unit (MF09)",
    releases: { "a 1.0.0": { b: "*" }, "b 1.0.0": { c: "*" }, "c 1.0.0": { b: "*" }, "self 1.0.0": { self: "^1" } },
    root: { a: "*", self: "*" },
    answer: ["a 1.0.0", "b 1.0.0", "c 1.0.0", "self 1.0.0"],
    cycles: [["b", "c"], ["self"]],
  },
  {
    name: "a package that needs another version of itself",
    releases: { "a 1.0.0": {}, "a 2.0.0": { a: "^1.0.0" } },
    root: { a: "*" },
    answer: ["a 1.0.0"],
  },
  {
    name: "one name in two marketplaces",
    releases: { "lint@one 1.0.0": {}, "lint@two 2.0.0": {}, "suite@one 1.0.0": { "lint@one": "*" } },
    root: { "suite@one": "*", "lint@two": "*" },
    answer: ["lint@one 1.0.0", "lint@two 2.0.0", "suite@one 1.0.0"],
  },
  {
    name: "an older bundle that does without an absent marketplace",
    releases: { "suite@acme 1.0.0": {}, "suite@acme 2.0.0": { "audit@gone": "^1" } },
    root: { "suite@acme": "*" },
    answer: ["suite@acme 1.0.0"],
  },
  {
    name: "a locked version that a newer one does not push out",
    releases: notes,
    root: { "notes@acme": "*" },
    locked: { "notes@acme": "1.4.0" },
    answer: ["notes@acme 1.4.0"],
  },
  {
    name: "a locked version that is no longer in range",
    releases: notes,
    root: { "notes@acme": "^2" },
    locked: { "notes@acme": "1.4.0" },
    answer: ["notes@acme 2.0.0"],
  },
  {
    name: "a locked version that no longer exists",
    releases: notes,
    root: { "notes@acme": "^1" },
    locked: { "notes@acme": "1.1.0" },
    answer: ["notes@acme 1.4.0"],
  },
  {
    name: "an installed version, after the lock and before the newest",
    releases: notes,
    root: { "notes@acme": "*" },
    installed: { "notes@acme": "1.0.0" },
    answer: ["notes@acme 1.0.0"],
  },
  {
    name: "a lock of which only one part has to move",
    releases: {
      "a 1.0.0": { b: "<2" },
      "a 2.0.0": { b: "<3" },
      "b 1.0.0": { c: "*" },
      "b 2.0.0": { c: "*" },
      "c 1.0.0": {},
      "c 2.0.0": {},
      "new 1.0.0": { b: ">=2" },
    },
    root: { a: "*", new: "*" },
    locked: { a: "1.0.0", b: "1.0.0", c: "1.0.0" },
    answer: ["a 2.0.0", "b 2.0.0", "c 1.0.0", "new 1.0.0"],
  },
  {
    name: "a locked version in mode `locked`",
    releases: notes,
    root: { "notes@acme": "*" },
    locked: { "notes@acme": "1.0.0" },
    mode: "locked",
    answer: ["notes@acme 1.0.0"],
  },
  {
    name: "a lock that disagrees with the request, in mode `locked`",
    releases: notes,
    root: { "notes@acme": "^2" },
    locked: { "notes@acme": "1.0.0" },
    mode: "locked",
    says: ["notes@acme", "the lock holds `1.0.0`"],
  },
  {
    name: "an override that silences every range",
    releases: { "a 1.0.0": { c: "1.0.0" }, "b 1.0.0": { c: "3.0.0" }, "c 1.0.0": {}, "c 2.0.0": {}, "c 3.0.0": {} },
    root: { a: "*", b: "*" },
    overrides: { c: "2.0.0" },
    answer: ["a 1.0.0", "b 1.0.0", "c 2.0.0"],
  },
  {
    name: "an override of a package that nothing else needs",
    releases: { "a 1.0.0": {}, ...notes },
    root: { a: "*" },
    overrides: { "notes@acme": "^1" },
    answer: ["a 1.0.0", "notes@acme 1.4.0"],
  },
  {
    name: "a withdrawn newest version",
    releases: notes,
    withdrawn: ["notes@acme 2.0.0"],
    root: { "notes@acme": "*" },
    answer: ["notes@acme 1.4.0"],
  },
  {
    name: "a withdrawn version that the root pins",
    releases: notes,
    withdrawn: ["notes@acme 2.0.0"],
    root: { "notes@acme": "=2.0.0" },
    answer: ["notes@acme 2.0.0"],
  },
  {
    name: "a withdrawn version that the lock holds",
    releases: notes,
    withdrawn: ["notes@acme 2.0.0"],
    root: { "notes@acme": "*" },
    locked: { "notes@acme": "2.0.0" },
    answer: ["notes@acme 2.0.0"],
  },
  {
    name: "a withdrawn version that only a plugin pins",
    releases: { "a 1.0.0": { "notes@acme": "2.0.0" }, "b 1.0.0": { "notes@acme": "*" }, ...notes },
    withdrawn: ["notes@acme 2.0.0"],
    root: { a: "*", b: "*" },
    says: ["a", "notes@acme", "withdrawn"],
    silent: ["b"],
  },
  {
    name: "pre-releases that nobody opted in to",
    releases: { "a 1.0.0": {}, "a 1.1.0-rc.1": {}, "a 2.0.0-rc.1": {} },
    root: { a: ">=1.0.0" },
    answer: ["a 1.0.0"],
  },
  {
    name: "a pre-release of the triple that the range names, and of no other",
    releases: { "a 1.0.0-rc.1": {}, "a 1.0.0-rc.2": {}, "a 1.1.0-rc.1": {} },
    root: { a: "^1.0.0-rc.1" },
    answer: ["a 1.0.0-rc.2"],
  },
  {
    name: "a final release before its own pre-releases",
    releases: { "a 1.0.0-rc.1": {}, "a 1.0.0": {} },
    root: { a: "^1.0.0-rc.1" },
    answer: ["a 1.0.0"],
  },
  {
    name: "a pre-release that one of two dependants refuses",
    releases: { "a 1.0.0": { c: ">=2.0.0-rc.1" }, "b 1.0.0": { c: ">=1.0.0" }, "c 1.0.0": {}, "c 2.0.0-rc.1": {} },
    root: { a: "*", b: "*" },
    says: ["a", "b", "c >=2.0.0-rc.1"],
  },
  {
    name: "versions that differ in build metadata",
    releases: { "a 1.0.0+9": {}, "a 1.0.0+10": {} },
    root: { a: "1.0.0" },
    answer: ["a 1.0.0+10"],
  },
  { name: "a package that does not exist", releases: {}, root: { ghost: "^1" }, says: ["ghost"] },
  {
    name: "a range above every release",
    releases: notes,
    root: { "notes@acme": ">=3" },
    says: ["notes@acme >=3", "the highest is `2.0.0`"],
  },
  {
    name: "five versions that need a missing package, said in one line",
    releases: {
      "a 1.0.0": { gone: "*" },
      "a 2.0.0": { gone: "*" },
      "a 3.0.0": { gone: "*" },
      "a 4.0.0": { gone: "*" },
      "a 5.0.0": { gone: "*" },
      "other 1.0.0": {},
    },
    root: { a: "*", other: "*" },
    says: ["every version of `a` depends on `gone`", "`gone` does not exist"],
    silent: ["other"],
  },
  {
    name: "ranges that do not meet",
    releases: {
      "a 1.0.0": { c: "^1" },
      "b 1.0.0": { c: "^2" },
      "c 1.0.0": {},
      "c 2.0.0": {},
      "other 1.0.0": { c: "*" },
    },
    root: { a: "*", b: "*", other: "*" },
    says: ["a", "b", "c ^1", "c ^2"],
    silent: ["other"],
  },
  {
    name: "ranges that meet where no version is",
    releases: { "a 1.0.0": { c: ">=1 <3" }, "b 1.0.0": { c: ">=2 <4" }, "c 1.0.0": {}, "c 3.0.0": {} },
    root: { a: "*", b: "*" },
    says: ["a", "b", "c >=1 <3", "c >=2 <4"],
  },
  {
    name: "each version pins the wrong version of the other",
    releases: {
      "a 1.0.0": { b: "1.0.0" },
      "a 2.0.0": { b: "2.0.0" },
      "b 1.0.0": { a: "2.0.0" },
      "b 2.0.0": { a: "1.0.0" },
    },
    root: { a: "*", b: "*" },
    says: ["a", "b"],
  },
  {
    name: "two branches that fail for different reasons",
    releases: {
      "a 1.0.0": { b: "^1", c: "^1" },
      "a 1.1.0": { d: "^1", e: "^1" },
      "b 1.0.0": { c: "^2" },
      "c 1.0.0": {},
      "c 2.0.0": {},
      "d 1.0.0": { e: "^2" },
      "e 1.0.0": {},
      "e 2.0.0": {},
    },
    root: { a: "^1" },
    says: ["a 1.0.0", "a 1.1.0", "c ^2", "e ^2"],
  },
];
