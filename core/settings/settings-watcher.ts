import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

const QUIET_MS = 100;

/**
 * Calls back once after files changed, appeared or went: it watches their folders, and where one does not exist the nearest
 * folder above it. Keeps no process alive.
 */
export class SettingsWatcher {
  readonly #files: readonly string[];
  readonly #changed: () => void;
  #watchers: readonly FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(files: readonly string[], changed: () => void) {
    this.#files = files;
    this.#changed = changed;
    this.#watch();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#unwatch();
  }

  #watch(): void {
    const wanted = new Map<string, Set<string>>();
    for (const file of this.#files) {
      let [folder, name] = [dirname(file), basename(file)];
      while (!isDirectory(folder) && folder !== dirname(folder)) [folder, name] = [dirname(folder), basename(folder)];
      wanted.set(folder, (wanted.get(folder) ?? new Set()).add(name));
      // Where the folder itself is replaced, its parent tells.
      const above = dirname(folder);
      if (name === basename(file)) wanted.set(above, (wanted.get(above) ?? new Set()).add(basename(folder)));
    }
    this.#watchers = [...wanted].flatMap(([folder, names]) => this.#watchFolder(folder, names));
  }

  #watchFolder(folder: string, names: ReadonlySet<string>): readonly FSWatcher[] {
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) => {
        if (name === null || names.has(name)) this.#soon();
      });
      // The folder is gone, or its disk: what is there now is looked at again.
      watcher.on("error", () => this.#soon());
      return [watcher];
    } catch {
      // It vanished meanwhile, or the system has no watches left: then changes are seen at the next start.
      return [];
    }
  }

  /** Watches anew before the files are read, so that nothing is missed between the two. */
  #soon(): void {
    if (this.#isClosed || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#unwatch();
      this.#watch();
      this.#changed();
    }, QUIET_MS);
    this.#timer.unref();
  }

  #unwatch(): void {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers = [];
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
