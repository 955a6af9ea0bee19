import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { explain, explanationText } from "./explanation.ts";
import { cycles, reachable } from "./graph.ts";
import { ROOT_ID } from "./incompatibility.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { VersionProvider } from "./provider.ts";
import { findRemedies } from "./remedies.ts";
import { remembering } from "./remembering-provider.ts";
import type { SolveOutcome, SolveRequest, SolveStats } from "./request.ts";
import { Search, type SearchResult } from "./search.ts";

/**
 * Finds one version for every package that the request reaches, or explains why there is none.
 * The answer does not depend on the order in which requirements, versions and packages are given.
 *
 * @throws E_RESOLVE_LIMIT with the path or the latest conflict; E_RANGE and E_LIMIT_RANGE for a range of the request itself;
 * the signal's reason; whatever the provider throws
 */
export async function solve(request: SolveRequest, provider: VersionProvider): Promise<SolveOutcome> {
  const memory = remembering(provider);
  const search = new Search(request, memory, { ...DEFAULT_LIMITS, ...request.limits });
  const result = await search.run().catch((error: unknown) => {
    throw withConflict(error, search.unfinished);
  });
  if (result.versions !== undefined) return solution(result, result.versions);
  if (result.failure === undefined) throw new CodedError("E_INTERNAL", "a search ended without an answer");
  const explanation = explain(result.failure, result);
  const remedies = await findRemedies(request, memory, explanation);
  return { kind: "unsatisfiable", explanation: { ...explanation, remedies }, stats: statsOf(result) };
}

function solution(result: SearchResult, versions: ReadonlyMap<string, string>): SolveOutcome {
  const needs = (id: string): readonly string[] => result.index.needs(id, versions.get(id) ?? "");
  const ids = reachable(needs(ROOT_ID), needs);
  return {
    kind: "solution",
    versions: new Map(ids.map((id) => [id, versions.get(id) ?? ""])),
    cycles: cycles(ids, needs),
    stats: statsOf(result),
  };
}

function statsOf({ steps, conflicts, listings }: SearchResult): SolveStats {
  return { steps, conflicts, listed: listings.size };
}

/** Tells, in an error about steps or time, what the search was fighting with. */
function withConflict(error: unknown, unfinished: Search["unfinished"]): unknown {
  const { failure, conflicts, contested } = unfinished;
  if (!isCodedError(error) || error.code !== "E_RESOLVE_LIMIT" || failure === undefined) return error;
  const { lines } = explain(failure, unfinished);
  const most = contested.slice(0, MAX_CONTESTED);
  const names = most.map((id) => `\`${id}\``).join(", ");
  const message = `${error.message}; of ${conflicts} conflicts most are about ${names}, and the first taught:`;
  return new CodedError(error.code, `${message}\n${explanationText({ lines: lines.slice(-MAX_CONFLICT_LINES) })}`, {
    hint: error.hint,
    data: { ...error.data, conflicts, contested: most },
    cause: error,
  });
}

const MAX_CONFLICT_LINES = 4;
const MAX_CONTESTED = 3;
