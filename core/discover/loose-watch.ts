import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname, join } from "node:path";
import { LOOSE_KINDS } from "./loose-location.ts";

/** Editors write a file in several steps. */
const QUIET_MS = 50;

/** What changed in loose places. */
export interface LooseChange {
  /** Files of skills, absolute. */
  readonly skills: readonly string[];
  /** Whether anything else did: so does a folder of skills that comes or goes as a whole. */
  readonly more: boolean;
}

/**
 * Calls `changed` after something in loose places changed, but for files of settings (`directories`: e.g. `~/.claude`; they need
 * not exist). What comes later is noticed and watched from then on. `failed` hears why a folder cannot be watched.
 */
export function watchLooseFolders(
  directories: readonly string[],
  changed: (change: LooseChange) => void,
  failed: (directory: string, error: unknown) => void,
): Disposable {
  const watched = new LooseWatch(directories, changed, failed);
  return { [Symbol.dispose]: () => watched.close() };
}

/** What is watched at one path: everything below it, or some names in it. */
type Wanted =
  | { readonly kind: "all"; readonly isOfSkills: boolean }
  | { readonly kind: "names"; readonly names: ReadonlySet<string> };

interface Watching {
  /** Tells a folder from another one that took its place. */
  readonly inode: number;
  readonly watcher: FSWatcher;
  wanted: Wanted;
}

class LooseWatch {
  readonly #directories: readonly string[];
  readonly #changed: (change: LooseChange) => void;
  readonly #failed: (directory: string, error: unknown) => void;
  readonly #watching = new Map<string, Watching>();
  readonly #skills = new Set<string>();
  #more = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    directories: readonly string[],
    changed: (change: LooseChange) => void,
    failed: (directory: string, error: unknown) => void,
  ) {
    this.#directories = directories;
    this.#changed = changed;
    this.#failed = failed;
    this.#arm();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watching.values()) watcher.close();
    this.#watching.clear();
  }

  /** Watches what is there now; who watches it already goes on. */
  #arm(): void {
    const wanted = this.#wanted();
    for (const [path, { watcher, inode }] of this.#watching) {
      if (wanted.has(path) && inodeOf(path) === inode) continue;
      watcher.close();
      this.#watching.delete(path);
    }
    for (const [path, what] of wanted) {
      const present = this.#watching.get(path);
      if (present === undefined) this.#watch(path, what);
      else present.wanted = what;
    }
  }

  /** Existing folders: places and their kinds, and of a place that is not there the nearest folder above it. */
  #wanted(): ReadonlyMap<string, Wanted> {
    const names = new Map<string, Set<string>>();
    const all = new Map<string, boolean>();
    const want = (path: string, ...more: readonly string[]): void =>
      void names.set(path, new Set([...(names.get(path) ?? []), ...more]));
    for (const directory of this.#directories) {
      if (inodeOf(directory) === undefined) {
        let [above, name] = [dirname(directory), basename(directory)];
        while (inodeOf(above) === undefined && above !== dirname(above))
          [above, name] = [dirname(above), basename(above)];
        want(above, name);
        continue;
      }
      // Its own name comes when it is removed.
      want(directory, ...LOOSE_KINDS, basename(directory));
      for (const kind of LOOSE_KINDS) {
        const folder = join(directory, kind);
        if (inodeOf(folder) !== undefined) all.set(folder, kind === "skills");
      }
    }
    return new Map([
      ...[...names].map(([path, set]): [string, Wanted] => [path, { kind: "names", names: set }]),
      ...[...all].map(([path, isOfSkills]): [string, Wanted] => [path, { kind: "all", isOfSkills }]),
    ]);
  }

  #watch(path: string, wanted: Wanted): void {
    const inode = inodeOf(path);
    // It went in the meantime: the folder above it tells.
    if (inode === undefined) return;
    try {
      const recursive = wanted.kind === "all";
      const watcher = watch(path, { recursive, persistent: false }, (_event, name) => {
        const now = this.#watching.get(path)?.wanted;
        if (now?.kind === "names" && name !== null && !now.names.has(name)) return;
        this.#note(now?.kind === "all" && now.isOfSkills && name !== null ? join(path, name) : undefined);
      });
      watcher.on("error", (error) => this.#failed(path, error));
      this.#watching.set(path, { inode, watcher, wanted });
    } catch (error) {
      this.#failed(path, error);
    }
  }

  #note(skill: string | undefined): void {
    if (skill === undefined) this.#more = true;
    else this.#skills.add(skill);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#tell(), QUIET_MS);
  }

  /** Watches anew before the folders are read, so that nothing is missed between the two. */
  #tell(): void {
    this.#arm();
    const change = { skills: [...this.#skills], more: this.#more };
    this.#skills.clear();
    this.#more = false;
    this.#changed(change);
  }
}

function inodeOf(path: string): number | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isDirectory() === true ? stats.ino : undefined;
  } catch {
    // What cannot be looked at cannot be watched.
    return undefined;
  }
}
