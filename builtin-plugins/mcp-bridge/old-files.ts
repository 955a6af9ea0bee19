import { readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

const DAY_MS = 86_400_000;

/** Removes files of a folder that nobody wrote for so many days; a folder that does not exist has none. */
export function removeOldFiles(directory: string, days: number, now: number = Date.now()): void {
  for (const name of namesIn(directory)) {
    const file = join(directory, name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: now };
    if (now - mtimeMs > days * DAY_MS) rmSync(file, { force: true });
  }
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Absent before the first file is kept.
    return [];
  }
}
