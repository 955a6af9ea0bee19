import { realpathSync, statSync, type Stats } from "node:fs";
import { resolve } from "node:path";

const MAX_CANDIDATES = 200;

/**
 * Which of the files that a command names it has evidently written: those that came, or whose time or size changed. A best effort for
 * path-gated skills: files that it writes without naming them, behind `cd`, variables or patterns, are not seen.
 */
export class WrittenFiles {
  readonly #before: ReadonlyMap<string, string | undefined>;

  constructor(command: string, directory: string) {
    const words = new Set(command.split(/[\s;&|(){}<>`'"=,]+/u).filter((word) => word !== "" && !word.includes("\0")));
    this.#before = new Map(
      [...words].slice(0, MAX_CANDIDATES).map((word) => {
        const path = resolve(directory, word);
        return [path, mark(path)];
      }),
    );
  }

  /** Absolute real paths. */
  found(): readonly string[] {
    return [...this.#before].flatMap(([path, before]) => {
      const now = mark(path);
      return now === undefined || now === before ? [] : [realpathSync(path)];
    });
  }
}

function mark(path: string): string | undefined {
  const stats = look(path);
  return stats?.isFile() === true ? `${String(stats.mtimeMs)} ${String(stats.size)} ${String(stats.ino)}` : undefined;
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    // A word that is no path, or one that is closed to us.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
