import type { ReadLine } from "./record-line.ts";

/** Action of the record that says which segments were removed. */
export const PRUNE_ACTION = "audit prune";

/** What a prune record says: every segment named below `before` is gone but those that were kept. */
export interface PruneDetail {
  readonly before: string;
  readonly kept: readonly string[];
  readonly segments: number;
  readonly records: number;
  /** SHA-256 over a line `<name> <hash of its last record>` for each that was removed, to hold a backup against. */
  readonly digest: string;
  /** How many errors of the log were accepted with it. */
  readonly problems: number;
}

/** What a prune record says; `undefined` for another record, and for one that says something else. */
export function pruneDetail({ action, detail }: Pick<ReadLine, "action" | "detail">): PruneDetail | undefined {
  if (action !== PRUNE_ACTION || detail === undefined) return undefined;
  const { before, kept, segments, records, digest, problems } = detail;
  if (typeof before !== "string" || typeof digest !== "string") return undefined;
  if (typeof segments !== "number" || typeof records !== "number" || typeof problems !== "number") return undefined;
  if (!Array.isArray(kept) || !kept.every((name) => typeof name === "string")) return undefined;
  return { before, kept, segments, records, digest, problems };
}

/** Whether a prune record accounts for a segment that is not there. */
export function accountsFor({ before, kept }: PruneDetail, segment: string): boolean {
  return segment < before && !kept.includes(segment);
}
