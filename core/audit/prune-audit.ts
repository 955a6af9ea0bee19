import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { PRUNE_ACTION, type PruneDetail } from "./prune-detail.ts";
import { isEnded, lastRecord, segmentNames, segmentStamp, segmentText } from "./segments.ts";
import type { AuditLog } from "./audit-log.ts";
import { ioError } from "../../schemas/system-error.ts";

/** What was removed, or would be. */
export interface PrunedAudit extends PruneDetail {
  readonly bytes: number;
}

/** What is removed, and where the record of it goes. */
export interface PruneOptions {
  readonly before: Date;
  /** Errors that verification found and a person accepts: they stand in the record, and it is written for them alone too. */
  readonly problems: number;
  /** Absent: nothing is removed or recorded. It is sealed. */
  readonly log?: AuditLog | undefined;
}

/**
 * Removes the segments that were begun and ended before a time. First a record says so, durably: what an anchor names of them
 * counts as accounted for from then on. Segments of processes that run stay, and so does what ended later. Throws `E_IO`.
 */
export function pruneAudit(directory: string, { before, problems, log }: PruneOptions): PrunedAudit {
  const stamp = segmentStamp(before);
  const kept: string[] = [];
  const removed: { readonly name: string; readonly head: string }[] = [];
  let records = 0;
  let bytes = 0;
  for (const name of segmentNames(directory)) {
    if (name >= stamp) break;
    const text = segmentText(directory, name) ?? "";
    const last = lastRecord(text);
    if (!isEnded(name, last) || (last !== undefined && last.at >= before.toISOString())) {
      kept.push(name);
      continue;
    }
    removed.push({ name, head: last?.hash ?? "" });
    records += text.split("\n").length - 1;
    bytes += Buffer.byteLength(text);
  }
  const digest = createHash("sha256")
    .update(removed.map(({ name, head }) => `${name} ${head}\n`).join(""))
    .digest("hex");
  const detail: PruneDetail = { before: stamp, kept, segments: removed.length, records, digest, problems };
  if (log === undefined || (removed.length === 0 && problems === 0)) return { ...detail, bytes };
  log.append({ action: PRUNE_ACTION, subject: "audit", outcome: "allowed", detail: { ...detail } });
  // The segments may not go before the record of it is on the disk.
  log.seal();
  for (const { name } of removed) {
    const file = join(directory, name);
    try {
      rmSync(file, { force: true });
    } catch (error) {
      throw ioError("remove", file, error);
    }
  }
  return { ...detail, bytes };
}
