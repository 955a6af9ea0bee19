import { statSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { LOOSE_KINDS } from "./loose-location.ts";

/** Editors write a file in several steps. */
const QUIET_MS = 50;
const KINDS: ReadonlySet<string> = new Set(LOOSE_KINDS);

/** What changed in loose places. */
export interface LooseChange {
  /** Files of skills, absolute. */
  readonly skills: readonly string[];
  /** Whether anything else did. */
  readonly more: boolean;
}

/**
 * Calls `changed` after something in loose places changed, but for files of settings (`directories`: e.g. `~/.claude`; those that do not exist are left out).
 * Whoever asked reads the folders anew and watches again: folders that came meanwhile are not watched. `failed` hears why a
 * folder cannot be watched.
 */
export function watchLooseFolders(
  directories: readonly string[],
  changed: (change: LooseChange) => void,
  failed: (directory: string, error: unknown) => void,
): Disposable {
  const watchers: FSWatcher[] = [];
  const skills = new Set<string>();
  let more = false;
  let timer: NodeJS.Timeout | undefined;
  const tell = (): void => {
    const change = { skills: [...skills], more };
    skills.clear();
    more = false;
    changed(change);
  };
  const note = (kind: string | null, file: string | undefined): void => {
    if (kind === "skills" && file !== undefined) skills.add(file);
    else more = true;
    clearTimeout(timer);
    timer = setTimeout(tell, QUIET_MS);
  };
  const add = (directory: string, kind: string | undefined): void => {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    try {
      const options = { recursive: kind !== undefined, persistent: false };
      const watcher = watch(directory, options, (_event, name) => {
        if (kind !== undefined) note(kind, name === null ? undefined : join(directory, name));
        else if (name === null || KINDS.has(name)) note(null, undefined);
      });
      watcher.on("error", (error) => failed(directory, error));
      watchers.push(watcher);
    } catch (error) {
      failed(directory, error);
    }
  };
  for (const directory of directories) {
    add(directory, undefined);
    for (const kind of LOOSE_KINDS) add(join(directory, kind), kind);
  }
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
