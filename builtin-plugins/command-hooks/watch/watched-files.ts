import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** What happened to a file. */
export type FileChange = "change" | "add" | "unlink";

/** Editors write a file in several steps. */
const QUIET_MS = 50;
const MAX_FILES = 256;

/** What a set of watched files tells. */
export interface WatchedFilesOptions {
  readonly changed: (file: string, change: FileChange) => void;
  /** Something is not watched, and why. */
  readonly failed: (message: string) => void;
}

/**
 * Watches files that are there or may come, through their folders, and where one does not exist the nearest folder above it.
 * Keeps no process alive.
 */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  /** How each file was last seen; `undefined` for one that is not there. */
  #states: ReadonlyMap<string, string | undefined> = new Map();
  #names: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  readonly #watchers = new Map<string, FSWatcher>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
  }

  /** Watches these files (absolute) and no others; what is known of those that stay is kept. */
  set(files: readonly string[]): void {
    const wanted = [...new Set(files)];
    if (wanted.length > MAX_FILES) {
      this.#options.failed(`only the first ${String(MAX_FILES)} of ${String(wanted.length)} files are watched`);
      wanted.length = MAX_FILES;
    }
    const before = this.#states;
    if (wanted.length === before.size && wanted.every((file) => before.has(file))) return;
    this.#states = new Map(wanted.map((file) => [file, before.has(file) ? before.get(file) : stateOf(file)]));
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#states = new Map();
    this.#arm();
  }

  /** Watches the folders that matter now. */
  #arm(): void {
    const names = new Map<string, Set<string>>();
    const add = (folder: string, name: string): void =>
      void names.set(folder, (names.get(folder) ?? new Set()).add(name));
    for (const file of this.#states.keys()) {
      let [folder, name] = [dirname(file), basename(file)];
      while (!isDirectory(folder) && folder !== dirname(folder)) [folder, name] = [dirname(folder), basename(folder)];
      add(folder, name);
      // Where the folder itself is replaced, its parent tells.
      if (folder !== dirname(folder)) add(dirname(folder), basename(folder));
    }
    this.#names = names;
    for (const [folder, watcher] of this.#watchers) {
      if (names.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of names.keys()) if (!this.#watchers.has(folder)) this.#watchFolder(folder);
  }

  #watchFolder(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        // An event that names the folder itself says that it went.
        if (name === basename(folder)) this.#forget(folder);
        if (name === null || name === basename(folder) || this.#names.get(folder)?.has(name) === true) this.#soon();
      });
      watcher.on("error", () => {
        this.#forget(folder);
        this.#soon();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      this.#options.failed(`changes in \`${folder}\` are not noticed: ${String(error)}`);
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      // Before the files are looked at, so that nothing is missed between the two.
      this.#arm();
      this.#look();
    }, QUIET_MS).unref();
  }

  #look(): void {
    const before = this.#states;
    this.#states = new Map([...before.keys()].map((file) => [file, stateOf(file)]));
    for (const [file, state] of this.#states) {
      const old = before.get(file);
      if (state === old) continue;
      this.#options.changed(file, old === undefined ? "add" : state === undefined ? "unlink" : "change");
    }
  }
}

function stateOf(file: string): string | undefined {
  try {
    const stats = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : `${String(stats.ino)} ${String(stats.size)} ${String(stats.mtimeNs)}`;
  } catch {
    // Nobody lets us look: for us it is not there.
    return undefined;
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
