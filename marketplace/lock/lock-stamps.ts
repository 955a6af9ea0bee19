import { lstatSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Home } from "../home.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/**
 * Remembers how the lock of a root looked from outside when its set was made, so that a later look costs no hashing.
 * The caller holds the home and knows that the file has the digest of the set; a home that cannot be written forgets.
 */
export function rememberLock(home: Home, root: string, path: string): void {
  const stamps = { ...readStamps(home), [root]: stampOf(path) };
  try {
    writeFileSync(stampsFile(home), JSON.stringify(stamps));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Whether the lock of a root looks as it did when its set was made; a `false` says nothing. */
export function looksUnchanged(home: Home, root: string, path: string): boolean {
  const stamp = stampOf(path);
  return stamp !== undefined && readStamps(home)[root] === stamp;
}

function stampOf(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false, bigint: true });
  return stats?.isFile() === true ? `${stats.size} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.ino}` : undefined;
}

function readStamps(home: Home): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(readFileSync(stampsFile(home), "utf8"));
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch (error) {
    if (isSystemError(error) || error instanceof SyntaxError) return {};
    throw error;
  }
}

function stampsFile(home: Home): string {
  return join(home.state, "lock-stamps.json");
}
