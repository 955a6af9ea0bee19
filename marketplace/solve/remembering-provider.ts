import type { Candidate, Requirement, VersionProvider } from "./provider.ts";

/** A provider that asks `source` for nothing twice, so that solving again (for remedies) costs no listing. */
export function remembering(source: VersionProvider): VersionProvider {
  const versions = new Map<string, readonly Candidate[] | Promise<readonly Candidate[]>>();
  const requirements = new Map<string, readonly Requirement[] | Promise<readonly Requirement[]>>();
  const fetched = new Set<string>();
  return {
    versions(id) {
      return once(versions, id, () => source.versions(id));
    },
    requirements(id, version) {
      return once(requirements, JSON.stringify([id, version]), () => source.requirements(id, version));
    },
    absence(id) {
      return source.absence?.(id);
    },
    knownRequirements(id, version) {
      const known = requirements.get(JSON.stringify([id, version]));
      return known === undefined || known instanceof Promise ? source.knownRequirements?.(id, version) : known;
    },
    prefetch(ids) {
      const fresh = ids.filter((id) => !fetched.has(id));
      for (const id of fresh) fetched.add(id);
      return fresh.length === 0 ? undefined : source.prefetch?.(fresh);
    },
  };
}

/** Replaces a promise by its value as soon as there is one. */
function once<T>(known: Map<string, T | Promise<T>>, key: string, ask: () => T | Promise<T>): T | Promise<T> {
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  const answer = ask();
  const kept =
    answer instanceof Promise
      ? answer.then((value) => {
          known.set(key, value);
          return value;
        })
      : answer;
  known.set(key, kept);
  return kept;
}
