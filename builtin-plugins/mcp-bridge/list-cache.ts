import { KeptFiles } from "./kept-files.ts";
import { readLists, type ServerLists } from "./listed.ts";

/** What servers offered when they last ran, so that nothing has to start to be listed. */
export class ListCache {
  readonly #files: KeptFiles;

  constructor(directory: string) {
    this.#files = new KeptFiles(directory);
  }

  /** `undefined` when nothing usable is kept. */
  load(digest: string): ServerLists | undefined {
    const value = this.#files.load(digest);
    return value === undefined ? undefined : readLists(value, () => undefined);
  }

  /** Whether they are kept: not when they are too long. Throws what the file system says. */
  store(digest: string, lists: ServerLists): boolean {
    return this.#files.store(digest, lists);
  }
}
