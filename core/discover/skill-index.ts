import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { READER_VERSION } from "../../schemas/formats/reader-version.ts";
import type { SkillContribution } from "../../schemas/plugin-manifest.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** What reading one skill gave. */
export interface SkillReading {
  readonly skill: SkillContribution | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

interface Entry extends SkillReading {
  /** Times, size and number of the file that was read. */
  readonly signature: string;
}

interface Stored {
  readonly reader: number;
  readonly skills: Readonly<Record<string, Entry>>;
}

/**
 * What was read of loose skills, by file: only files that changed since are read again. It is a cache: a file of it that is missing,
 * damaged or cannot be written costs time and nothing else.
 */
export class SkillIndex {
  readonly #file: string;
  #before: Readonly<Record<string, Entry>> | undefined;
  readonly #now: Record<string, Entry> = {};
  #isChanged = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** The reading of a file (absolute) in the state that `signature` names. */
  read(file: string, signature: string, readAnew: () => SkillReading): SkillReading {
    this.#before ??= this.#load();
    const known = Object.hasOwn(this.#before, file) ? this.#before[file] : undefined;
    const entry = known?.signature === signature ? known : { ...readAnew(), signature };
    if (entry !== known) this.#isChanged = true;
    this.#now[file] = entry;
    return entry;
  }

  /** Keeps what was read for the next time, if it differs from what was kept before. */
  save(): void {
    const count = Object.keys(this.#now).length;
    if (!this.#isChanged && count === Object.keys(this.#before ?? {}).length) return;
    const stored: Stored = { reader: READER_VERSION, skills: this.#now };
    const temporary = `${this.#file}.${String(process.pid)}`;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      writeFileSync(temporary, JSON.stringify(stored), { mode: 0o600 });
      renameSync(temporary, this.#file);
    } catch (error) {
      // A home that cannot be written, or is full, is told about by whoever must write to it.
      if (!isSystemError(error)) throw error;
    }
  }

  #load(): Readonly<Record<string, Entry>> {
    try {
      const stored: unknown = JSON.parse(readFileSync(this.#file, "utf8"));
      return isStored(stored) ? stored.skills : {};
    } catch (error) {
      if (error instanceof SyntaxError || isSystemError(error)) return {};
      throw error;
    }
  }
}

/** Entries are as `save` wrote them; the file lies in the person's own cache. */
function isStored(value: unknown): value is Stored {
  return (
    typeof value === "object" &&
    value !== null &&
    "reader" in value &&
    value.reader === READER_VERSION &&
    "skills" in value &&
    typeof value.skills === "object" &&
    value.skills !== null
  );
}
