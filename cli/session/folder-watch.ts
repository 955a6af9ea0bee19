import { statSync, watch, type FSWatcher } from "node:fs";
import { basename, dirname } from "node:path";

/** Editors write a file in several steps. */
const QUIET_MS = 60;

type Failed = (folder: string, error: unknown) => void;

/**
 * Calls `changed` after something in a folder changed, at any depth, also when the folder itself goes, comes back or is replaced; a
 * folder that cannot be watched is named to `failed`.
 */
export function watchFolders(folders: readonly string[], changed: () => void, failed: Failed): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS).unref();
  };
  const watching = folders.map((folder) => watchFolder(folder, soon, failed));
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const one of watching) one[Symbol.dispose]();
    },
  };
}

function watchFolder(folder: string, soon: () => void, failed: Failed): Disposable {
  let inside: FSWatcher | undefined;
  let watched = identityOf(folder);
  const look = (): void => {
    inside?.close();
    inside = undefined;
    try {
      inside = watch(folder, { recursive: true, persistent: false }, (_event, name) => {
        if (name === null || !/(?:^|[/\\])(?:\.git|node_modules)(?:[/\\]|$)/u.test(name)) soon();
      });
      inside.on("error", (error) => failed(folder, error));
    } catch (error) {
      failed(folder, error);
    }
  };
  look();
  // A watch follows the folder, not its name: only the one around it sees another take its place.
  const around = watchName(folder, () => {
    const now = identityOf(folder);
    if (now === watched) return;
    watched = now;
    if (now === undefined) inside?.close();
    else look();
    soon();
  });
  return {
    [Symbol.dispose]: () => {
      inside?.close();
      around?.close();
    },
  };
}

/** Calls back when something happens to a name; nothing for a folder around it that cannot be watched: it is then not noticed when it goes. */
function watchName(path: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) changed();
    });
    // The folder around it went too.
    watcher.on("error", () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder);
    return `${dev}:${ino}`;
  } catch {
    // Gone, or out of reach: nothing can be read in it either way.
    return undefined;
  }
}
