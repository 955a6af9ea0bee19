import { mkdirSync, readFileSync, renameSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "plugsmith/plugin-api";

const SCHEMA = 2;
const MAX_BYTES = 8 * 1024 * 1024;

/** What is kept of servers, one file a server. */
export class KeptFiles {
  readonly #directory: string;

  /** `directory` is made when the first file is kept. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `undefined` when nothing usable is kept. */
  load(digest: string): Readonly<Record<string, unknown>> | undefined {
    return readKept(this.#file(digest));
  }

  /** Whether it is kept: not when it is too long. Throws what the file system says. */
  store(digest: string, value: object): boolean {
    const text = JSON.stringify({ schema: SCHEMA, ...value });
    if (Buffer.byteLength(text) > MAX_BYTES) return false;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const file = this.#file(digest);
    const draft = `${file}.${String(process.pid)}`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
    return true;
  }

  /** Dates what is kept as of now. Throws what the file system says. */
  touch(digest: string, now: Date): void {
    utimesSync(this.#file(digest), now, now);
  }

  #file(digest: string): string {
    return join(this.#directory, `${digest}.json`);
  }
}

/** The value of one kept file; `undefined` for one that is torn, unreadable or not of ours, whose server is asked again. */
export function readKept(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? Infinity) > MAX_BYTES) return undefined;
    const value: unknown = JSON.parse(readFileSync(file, "utf8"));
    return isObject(value) && value["schema"] === SCHEMA ? value : undefined;
  } catch {
    return undefined;
  }
}
