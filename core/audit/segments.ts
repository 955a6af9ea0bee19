import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readLine, SEAL_ACTION, type ReadLine } from "./record-line.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

const NAME = /^(\d{8}T\d{6}\.\d{3}Z)-(\d+)(?:-\d+)?\.jsonl$/u;

/** The names of the segments in a directory, oldest first; none when it is absent. Throws `E_IO`. */
export function segmentNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".jsonl"))
      .sort();
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw ioError("list", directory, error);
  }
}

/** How names of segments write a time: they sort as the times do. */
export function segmentStamp(at: Date): string {
  return at.toISOString().replaceAll(/[-:]/gu, "");
}

/** The stamp at the beginning of a segment's name; `undefined` when it has none. */
export function stampOf(name: string): string | undefined {
  return NAME.exec(name)?.[1];
}

/** The time that a stamp stands for. */
export function stampTime(stamp: string): Date {
  return new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(.*)$/u, "$1-$2-$3T$4:$5:$6"));
}

/** The text of a segment; `undefined` when it has gone. Throws `E_IO`. */
export function segmentText(directory: string, name: string): string | undefined {
  const file = join(directory, name);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw ioError("read", file, error);
  }
}

/** The newest whole record of a segment's text. */
export function lastRecord(text: string): ReadLine | undefined {
  for (let end = text.lastIndexOf("\n"); end > 0;) {
    const start = text.lastIndexOf("\n", end - 1);
    const read = readLine(text.slice(start + 1, end));
    if (read !== undefined) return read;
    end = start;
  }
  return undefined;
}

/** Whether nothing can be appended any more: it has its seal, or its process is gone. */
export function isEnded(name: string, last: ReadLine | undefined): boolean {
  return last?.action === SEAL_ACTION || !isAlive(name);
}

/** Whether the process that a segment is named after still runs, or another one that was given its number. */
function isAlive(name: string): boolean {
  const pid = Number(NAME.exec(name)?.[2]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
