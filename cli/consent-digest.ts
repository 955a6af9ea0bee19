import { createHash } from "node:crypto";
import type { ConsentItem } from "../marketplace/plan/plan.ts";

/** One digest for several plugins: over the sorted lines `id closure`. For a single plugin it is its closure. */
export function combinedDigest(items: readonly ConsentItem[]): string {
  const only = items[0];
  if (items.length === 1 && only !== undefined) return only.closure;
  const lines = items.map((item) => `${item.id} ${item.closure}\n`).sort();
  return `sha256-${createHash("sha256").update(lines.join("")).digest("hex")}`;
}

/** Whether the digests that a person passed say yes to every item: each alone, or all by their combined digest. */
export function acceptsAll(items: readonly ConsentItem[], accepted: readonly string[]): boolean {
  return accepted.includes(combinedDigest(items)) || items.every((item) => accepted.includes(item.closure));
}
