import type { Explanation, Remedy } from "./explanation.ts";
import type { VersionProvider } from "./provider.ts";
import type { SolveRequest } from "./request.ts";

export async function findRemedies(_r: SolveRequest, _p: VersionProvider, _e: Explanation): Promise<readonly Remedy[]> {
  return [];
}
