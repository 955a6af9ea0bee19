import type { Candidate, Requirement, SolveRequest, VersionProvider } from "../../../marketplace/solve/index.ts";

/** Package → version → what it is: the neutral form of `resolver-scenario/1`. */
export type Registry = Readonly<Record<string, Readonly<Record<string, RegistryVersion>>>>;

/** One version in a registry. */
export interface RegistryVersion {
  readonly requires?: Readonly<Record<string, string>>;
  readonly yanked?: boolean;
}

/** A question to the solver in plain records. */
export interface Problem {
  readonly registry: Registry;
  readonly root: Readonly<Record<string, string>>;
  readonly locked?: Readonly<Record<string, string>>;
  readonly overrides?: Readonly<Record<string, string>>;
  readonly mode?: SolveRequest["mode"];
}

/** A synchronous provider over a registry. */
export function registryProvider(registry: Registry): VersionProvider {
  const requirements = (id: string, version: string): readonly Requirement[] =>
    Object.entries(registry[id]?.[version]?.requires ?? {}).map(([name, range]) => ({ id: name, range }));
  return {
    versions: (id): readonly Candidate[] =>
      Object.entries(registry[id] ?? {}).map(([version, { yanked }]) =>
        yanked === true ? { version, yanked: "" } : { version },
      ),
    requirements,
    knownRequirements: requirements,
  };
}

/** The request that a problem stands for. */
export function requestOf({ root, locked = {}, overrides = {}, mode = "newest" }: Problem): SolveRequest {
  return {
    root: Object.entries(root).map(([id, range]) => ({ id, range })),
    locked: new Map(Object.entries(locked)),
    overrides: new Map(Object.entries(overrides)),
    mode,
  };
}
