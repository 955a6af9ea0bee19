import { readFileSync } from "node:fs";
import { join } from "node:path";
import { segmentNames } from "./audit-log.ts";
import { genesisHash, readLine, SEAL_ACTION } from "./record-line.ts";
import { ioError } from "../../schemas/system-error.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";

/**
 * Checks every segment of an audit directory and that each anchored head (the `audit` of the generations that are kept) is
 * still the hash of some record; without anchors, records cut off the end of an unsealed segment cannot be noticed.
 * Edited, missing or moved records are errors; a segment whose process died is a warning. Throws `E_IO`.
 */
export function verifyAudit(directory: string, anchors: readonly string[]): readonly Diagnostic[] {
  const hashes = new Set<string>();
  const diagnostics: Diagnostic[] = [];
  for (const name of segmentNames(directory)) {
    diagnostics.push(...verifySegment(name, readSegment(join(directory, name)), hashes));
  }
  for (const anchor of new Set(anchors)) {
    if (hashes.has(anchor)) continue;
    const message = `the audit record \`${anchor}\`, which a generation names, is gone`;
    diagnostics.push({ code: "E_INTEGRITY", severity: "error", message, hint: TAMPERED });
  }
  return diagnostics;
}

const TAMPERED = "somebody changed the log after it was written; compare it with a backup";

function readSegment(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw ioError("read", file, error);
  }
}

function verifySegment(name: string, text: string, hashes: Set<string>): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const broken = (line: number, message: string): void => {
    diagnostics.push({ code: "E_INTEGRITY", severity: "error", message, file: name, line, hint: TAMPERED });
  };
  const lines = text.split("\n");
  const torn = lines.pop() !== "";
  let previous = genesisHash(name);
  let sequence = 0;
  let sealed = false;
  for (const [index, line] of lines.entries()) {
    const read = readLine(line);
    if (read === undefined) {
      broken(index + 1, "the line is no audit record");
      continue;
    }
    if (read.hash !== read.computed) broken(index + 1, "the record was edited: its hash is not that of its content");
    else if (read.previous !== previous) broken(index + 1, "the record does not follow the one before it");
    else if (read.sequence !== sequence + 1) broken(index + 1, `record ${sequence + 1} is missing`);
    else if (sealed) broken(index + 1, "a record follows the seal");
    hashes.add(read.hash);
    ({ hash: previous, sequence } = read);
    sealed = read.action === SEAL_ACTION;
  }
  if (!sealed && !isAlive(name)) {
    const message = torn
      ? "the last record is incomplete: its process died while writing"
      : "the segment has no seal: its process died, or its end was cut off";
    diagnostics.push({
      code: "W_AUDIT_UNSEALED",
      severity: "warning",
      message,
      file: name,
      line: lines.length + (torn ? 1 : 0),
    });
  }
  return diagnostics;
}

/** Whether the process that a segment is named after still runs. */
function isAlive(name: string): boolean {
  const pid = Number(/-(\d+)(?:-\d+)?\.jsonl$/.exec(name)?.[1]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
