import { statSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { LOOSE_KINDS } from "./loose-location.ts";

/** Editors write a file in several steps. */
const QUIET_MS = 50;
const FILES: ReadonlySet<string> = new Set([...LOOSE_KINDS, "settings.json", "settings.local.json"]);

/**
 * Calls `changed` after something in loose places changed (`directories`: e.g. `~/.claude`; those that do not exist are left out).
 * Whoever asked reads the folders anew and watches again: folders that came meanwhile are not watched. `failed` hears why a
 * folder cannot be watched.
 */
export function watchLooseFolders(
  directories: readonly string[],
  changed: () => void,
  failed: (directory: string, error: unknown) => void,
): Disposable {
  const watchers: FSWatcher[] = [];
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS);
  };
  const add = (directory: string, recursive: boolean): void => {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return;
    try {
      const watcher = watch(directory, { recursive, persistent: false }, (_event, name) => {
        if (recursive || name === null || FILES.has(name)) soon();
      });
      watcher.on("error", (error) => failed(directory, error));
      watchers.push(watcher);
    } catch (error) {
      failed(directory, error);
    }
  };
  for (const directory of directories) {
    add(directory, false);
    for (const kind of LOOSE_KINDS) add(join(directory, kind), true);
  }
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
