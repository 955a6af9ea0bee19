import { isCodedError } from "../../schemas/errors.ts";
import { explain, type Explanation, type Remedy } from "./explanation.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { Requirement, VersionProvider } from "./provider.ts";
import { parsePoint } from "./range.ts";
import type { SolveRequest } from "./request.ts";
import { Search, type SearchResult } from "./search.ts";

const MAX_REMEDIES = 3;
/** Requirements of the root for which a change of one range is tried. */
const MAX_TRIED = 8;
/** Requirements that are removed one after the other until the rest has an answer. */
const MAX_REMOVED = 20;
const TRIAL_LIMITS = { ...DEFAULT_LIMITS, steps: 20_000, timeMs: 1_000 };

/** A changed request and what the change is called. */
interface Proposal extends Remedy {
  readonly request: SolveRequest;
}

/**
 * Up to three changes to the request that were solved and have an answer: give up the lock, relax one range, remove one requirement;
 * when no single one helps, remove several.
 */
export async function findRemedies(
  request: SolveRequest,
  provider: VersionProvider,
  { packages }: Pick<Explanation, "packages">,
): Promise<readonly Remedy[]> {
  const involved = request.root.filter(({ id }) => packages.includes(id));
  const found: Remedy[] = [];
  const consider = async (proposal: Proposal | undefined): Promise<void> => {
    if (found.length >= MAX_REMEDIES || proposal === undefined) return;
    if ((await attempt(proposal.request, provider))?.versions === undefined) return;
    found.push(
      proposal.command === undefined ? { text: proposal.text } : { text: proposal.text, command: proposal.command },
    );
  };
  await consider(await withoutLock(request, provider));
  const tried = distinctIds(involved).slice(0, MAX_TRIED);
  for (const id of tried) await consider(await relaxed(request, provider, id));
  for (const id of tried) await consider(removed(request, [id]));
  if (found.length === 0) await consider(await removedTogether(request, provider, packages));
  return found;
}

/** The result of a trial; undefined when it was too much work. */
async function attempt(request: SolveRequest, provider: VersionProvider): Promise<SearchResult | undefined> {
  try {
    return await new Search(request, provider, { ...TRIAL_LIMITS, candidates: Infinity }).run();
  } catch (error) {
    if (isCodedError(error) && error.code === "E_RESOLVE_LIMIT") return undefined;
    throw error;
  }
}

/** In mode `locked`: solve anew, and name what moves. */
async function withoutLock(request: SolveRequest, provider: VersionProvider): Promise<Proposal | undefined> {
  if (request.mode !== "locked") return undefined;
  const free: SolveRequest = { ...request, mode: "newest" };
  const versions = (await attempt(free, provider))?.versions;
  if (versions === undefined) return undefined;
  const moved = [...versions].filter(([id, version]) => id !== "" && request.locked?.get(id) !== version).sort();
  const shown = moved.slice(0, 3).map(([id, version]) => {
    const before = request.locked?.get(id);
    return before === undefined ? `add \`${id} ${version}\`` : `move \`${id}\` from \`${before}\` to \`${version}\``;
  });
  const more = moved.length > shown.length ? ` and ${moved.length - shown.length} more` : "";
  const text = `solve again without \`--frozen\`: ${shown.join(", ") || "nothing moves"}${more}`;
  return { text, command: "plugin sync", request: free };
}

/** The narrowest caret range of `id` that leads to an answer. */
async function relaxed(request: SolveRequest, provider: VersionProvider, id: string): Promise<Proposal | undefined> {
  const own = request.root.filter((requirement) => requirement.id === id);
  if (request.overrides?.has(id) === true || own.every(({ range }) => range.trim() === "*")) return undefined;
  const version = (await attempt(withRange(request, id, "*"), provider))?.versions?.get(id);
  if (version === undefined) return undefined;
  const point = parsePoint(version);
  const range = point === undefined ? "*" : `^${version.replace(/\+.*$/, "")}`;
  return {
    text: `relax \`${id}\` from \`${own.map((requirement) => requirement.range.trim()).join(" ")}\` to \`${range}\``,
    command: `plugin add '${id}@${range}'`,
    request: withRange(request, id, range),
  };
}

function withRange(request: SolveRequest, id: string, range: string): SolveRequest {
  const root = request.root.map((requirement) => (requirement.id === id ? { ...requirement, range } : requirement));
  return { ...request, root };
}

function removed(request: SolveRequest, ids: readonly string[]): Proposal {
  const names = ids.map((id) => `\`${id}\``).join(", ");
  const root = request.root.filter(({ id }) => !ids.includes(id));
  return { text: `do without ${names}`, command: `plugin remove ${ids.join(" ")}`, request: { ...request, root } };
}

/** Removes one root requirement of each conflict until the rest has an answer. */
async function removedTogether(
  request: SolveRequest,
  provider: VersionProvider,
  packages: readonly string[],
): Promise<Proposal | undefined> {
  const ids: string[] = [];
  let conflict = packages;
  while (ids.length < MAX_REMOVED) {
    const id = distinctIds(request.root)
      .filter((one) => conflict.includes(one) && !ids.includes(one))
      .at(-1);
    if (id === undefined) return undefined;
    ids.push(id);
    const proposal = removed(request, ids);
    const result = await attempt(proposal.request, provider);
    if (result?.versions !== undefined) return proposal;
    if (result?.failure === undefined) return undefined;
    conflict = explain(result.failure, result).packages;
  }
  return undefined;
}

function distinctIds(requirements: readonly Requirement[]): readonly string[] {
  return [...new Set(requirements.map(({ id }) => id))].sort();
}
