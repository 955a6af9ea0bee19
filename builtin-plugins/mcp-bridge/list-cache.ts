import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isObject } from "plugsmith/plugin-api";
import { readLists, type ServerLists } from "./listed.ts";

const SCHEMA = 2;
const MAX_BYTES = 8 * 1024 * 1024;

/** What servers offered when they last ran, one file a server, so that nothing has to start to be listed. */
export class ListCache {
  readonly #directory: string;

  /** `directory` is made when the first list is kept. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** `undefined` when nothing usable is kept. */
  load(digest: string): ServerLists | undefined {
    const file = this.#file(digest);
    try {
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? Infinity) > MAX_BYTES) return undefined;
      const value: unknown = JSON.parse(readFileSync(file, "utf8"));
      if (!isObject(value) || value["schema"] !== SCHEMA) return undefined;
      return readLists(value, () => undefined);
    } catch {
      // Torn or unreadable: the server is asked again.
      return undefined;
    }
  }

  /** Whether they are kept: not when they are too long. Throws what the file system says. */
  store(digest: string, lists: ServerLists): boolean {
    const text = JSON.stringify({ schema: SCHEMA, ...lists });
    if (Buffer.byteLength(text) > MAX_BYTES) return false;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const file = this.#file(digest);
    const draft = `${file}.${String(process.pid)}`;
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, file);
    return true;
  }

  #file(digest: string): string {
    return join(this.#directory, `${digest}.json`);
  }
}
