import semver from "semver";

import { solve } from "../../marketplace/solve/index.ts";
import { dominates, type Selection } from "../marketplace/solve/oracle.ts";
import { type Problem, registryProvider, requestOf } from "../marketplace/solve/registry.ts";

/**
 * An answer that dominates `selection`, found by asking again with one package held above its version and the others not below theirs.
 * Trusts the solver's "unsatisfiable", which the property tests compare with an exhaustive search.
 */
export async function findBetter(problem: Problem, selection: Selection): Promise<Selection | undefined> {
  const roots = Object.keys({ ...problem.root, ...problem.overrides });
  for (const held of [roots, Object.keys(selection)]) {
    for (const raised of held) {
      const registry = Object.fromEntries(
        Object.entries(problem.registry).map(([id, versions]) => {
          const floor = held.includes(id) ? selection[id] : undefined;
          if (floor === undefined) return [id, versions];
          const isHigh = (version: string): boolean => {
            const order = semver.compare(version, floor);
            if (held.length > roots.length && roots.includes(id) && id !== raised) return order === 0;
            return id === raised ? order > 0 : order >= 0;
          };
          return [id, Object.fromEntries(Object.entries(versions).filter(([version]) => isHigh(version)))];
        }),
      );
      const outcome = await solve(requestOf({ ...problem, registry }), registryProvider(registry));
      if (outcome.kind !== "solution") continue;
      const other = Object.fromEntries(outcome.versions);
      if (dominates(problem, other, selection)) return other;
    }
  }
  return undefined;
}
