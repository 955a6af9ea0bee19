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
/** Steps of all trials together. */
const MAX_TRIAL_STEPS = 40_000;
const MAX_TRIAL_MS = 1_000;

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
  const trials = new Trials(provider);
  const found: Remedy[] = [];
  const consider = async (propose: () => Promise<Proposal | undefined> | Proposal): Promise<void> => {
    if (found.length >= MAX_REMEDIES || trials.isOver) return;
    const proposal = await propose();
    if (proposal === undefined || (await trials.run(proposal.request))?.versions === undefined) return;
    const { text, command } = proposal;
    found.push(command === undefined ? { text } : { text, command });
  };
  const tried = distinctIds(request.root.filter(({ id }) => packages.includes(id))).slice(0, MAX_TRIED);
  await consider(() => withoutLock(request, trials));
  for (const id of tried) await consider(() => relaxed(request, trials, id));
  for (const id of tried) await consider(() => removed(request, [id]));
  if (found.length === 0) await consider(() => removedTogether(request, trials, packages));
  return found;
}

/** Solves changed requests until they have cost too much. */
class Trials {
  readonly #provider: VersionProvider;
  #steps = MAX_TRIAL_STEPS;

  constructor(provider: VersionProvider) {
    this.#provider = provider;
  }

  /** Whether no further trial is worth its time. */
  get isOver(): boolean {
    return this.#steps <= 0;
  }

  /**
   * The result of a trial; undefined when something new cannot be listed (a server is down), which must not take the place of the
   * explanation. One that is too hard is the last.
   */
  async run(request: SolveRequest): Promise<SearchResult | undefined> {
    if (this.isOver) return undefined;
    const limits = { ...DEFAULT_LIMITS, ...request.limits, steps: this.#steps, timeMs: MAX_TRIAL_MS };
    try {
      const result = await new Search(request, this.#provider, limits).run();
      this.#steps -= result.steps;
      return result;
    } catch (error) {
      if (!isCodedError(error) || request.signal?.aborted === true) throw error;
      if (error.code === "E_RESOLVE_LIMIT") this.#steps = 0;
      return undefined;
    }
  }
}

/** In mode `locked`: solve anew, and name what moves. */
async function withoutLock(request: SolveRequest, trials: Trials): Promise<Proposal | undefined> {
  if (request.mode !== "locked") return undefined;
  const free: SolveRequest = { ...request, mode: "newest" };
  const versions = (await trials.run(free))?.versions;
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
async function relaxed(request: SolveRequest, trials: Trials, id: string): Promise<Proposal | undefined> {
  const own = request.root.filter((requirement) => requirement.id === id);
  if (request.overrides?.has(id) === true || own.every(({ range }) => range.trim() === "*")) return undefined;
  const version = (await trials.run(withRange(request, id, "*")))?.versions?.get(id);
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
  trials: Trials,
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
    const result = await trials.run(proposal.request);
    if (result?.versions !== undefined) return proposal;
    if (result?.failure === undefined) return undefined;
    conflict = explain(result.failure, result).packages;
  }
  return undefined;
}

function distinctIds(requirements: readonly Requirement[]): readonly string[] {
  return [...new Set(requirements.map(({ id }) => id))].sort();
}
