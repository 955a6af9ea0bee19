import { escapeControl, nameProblem } from "./names.ts";

/** A rename that is not followed, and why. */
export interface RenameProblem {
  readonly from: string;
  readonly why: string;
}

/** The usable renames of a catalog. */
export interface Renames {
  readonly renames: Readonly<Record<string, string | null>>;
  readonly problems: readonly RenameProblem[];
}

/** Reads `renames`: old name → new name or `null`; drops what hijacks a listed name, leaves the marketplace, loops or dangles. */
export function readRenames(raw: Readonly<Record<string, unknown>>, listed: ReadonlySet<string>): Renames {
  const problems: RenameProblem[] = [];
  const candidates = new Map<string, string | null>();
  for (const [from, to] of Object.entries(raw)) {
    const why = renameProblem(from, to, listed);
    if (why !== undefined) problems.push({ from, why });
    else if (to === null || typeof to === "string") candidates.set(from, to);
  }
  const renames: Record<string, string | null> = {};
  for (const [from, to] of candidates) {
    const why = chainProblem(from, candidates, listed);
    if (why === undefined) renames[from] = to;
    else problems.push({ from, why });
  }
  return { renames, problems };
}

/**
 * What became of a name: the name at the end of its chain, `null` when it was removed, `undefined` when it was never renamed.
 */
export function resolveRename(
  catalog: { readonly renames: Readonly<Record<string, string | null>> },
  name: string,
): string | null | undefined {
  if (!Object.hasOwn(catalog.renames, name)) return undefined;
  const seen = new Set<string>();
  let current = name;
  while (Object.hasOwn(catalog.renames, current) && !seen.has(current)) {
    seen.add(current);
    const next = catalog.renames[current];
    if (next === null || next === undefined) return null;
    current = next;
  }
  return seen.has(current) ? undefined : current;
}

function renameProblem(from: string, to: unknown, listed: ReadonlySet<string>): string | undefined {
  const fromProblem = nameProblem(from);
  if (fromProblem !== undefined) return `the old name ${fromProblem}`;
  if (listed.has(from)) return "the old name is still listed";
  if (to === null) return undefined;
  if (typeof to !== "string") return "the new name must be text or `null`";
  if (to.includes("@")) return `the new name \`${escapeControl(to.slice(0, 128))}\` is in another marketplace`;
  const toProblem = nameProblem(to);
  return toProblem === undefined ? undefined : `the new name ${toProblem}`;
}

function chainProblem(
  from: string,
  map: ReadonlyMap<string, string | null>,
  listed: ReadonlySet<string>,
): string | undefined {
  const seen = new Set([from]);
  let current: string = from;
  for (;;) {
    const next = map.get(current);
    if (next === null) return undefined;
    if (next === undefined) return listed.has(current) ? undefined : `it ends at \`${current}\`, which is not listed`;
    if (seen.has(next)) return `it comes back to \`${next}\``;
    seen.add(next);
    current = next;
  }
}
