import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "plugsmith/plugin-api";

/** How often a skill was used, and when last (milliseconds since 1970). */
export interface Usage {
  readonly uses: number;
  readonly lastUsed: number;
}

const NEVER: Usage = { uses: 0, lastUsed: 0 };
const SCHEMA = 1;

/** Counts what is used, in a file of the plugin's data folder; a file that cannot be read counts as empty. */
export class UsageCounts {
  readonly #directory: string;
  #counts: Map<string, Usage> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  of(name: string): Usage {
    this.#counts ??= this.#load();
    return this.#counts.get(name) ?? NEVER;
  }

  /** Counts one use. Throws when the file cannot be written. */
  count(name: string): void {
    const { uses } = this.of(name);
    this.#counts?.set(name, { uses: uses + 1, lastUsed: Date.now() });
    mkdirSync(this.#directory, { recursive: true });
    const file = this.#file;
    const staged = `${file}.${String(process.pid)}`;
    writeFileSync(staged, JSON.stringify({ schema: SCHEMA, skills: Object.fromEntries(this.#counts ?? []) }));
    renameSync(staged, file);
  }

  get #file(): string {
    return join(this.#directory, "usage.json");
  }

  #load(): Map<string, Usage> {
    const counts = new Map<string, Usage>();
    let written: unknown;
    try {
      written = JSON.parse(readFileSync(this.#file, "utf8"));
    } catch {
      // Absent or damaged: only the order in which descriptions are trimmed depends on it.
      return counts;
    }
    if (!isObject(written) || !isObject(written["skills"])) return counts;
    for (const [name, value] of Object.entries(written["skills"])) {
      if (!isObject(value)) continue;
      const { uses, lastUsed } = value;
      if (typeof uses === "number" && typeof lastUsed === "number") counts.set(name, { uses, lastUsed });
    }
    return counts;
  }
}
