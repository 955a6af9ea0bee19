import { watch, type FSWatcher } from "node:fs";

/** Editors write a file in several steps. */
const QUIET_MS = 60;

/** Calls `changed` after something in a folder changed, at any depth; a folder that cannot be watched is named to `failed`. */
export function watchFolders(
  folders: readonly string[],
  changed: () => void,
  failed: (folder: string, error: unknown) => void,
): Disposable {
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, QUIET_MS).unref();
  };
  const watchers = folders.flatMap((folder): FSWatcher[] => {
    try {
      const watcher = watch(folder, { recursive: true, persistent: false }, (_event, name) => {
        if (name === null || !/(?:^|[/\\])(?:\.git|node_modules)(?:[/\\]|$)/u.test(name)) soon();
      });
      watcher.on("error", (error) => failed(folder, error));
      return [watcher];
    } catch (error) {
      failed(folder, error);
      return [];
    }
  });
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
