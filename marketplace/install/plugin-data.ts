import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Generation } from "../../schemas/generation.ts";
import type { Home } from "../home.ts";

/** The folder in which a plugin keeps what outlives its versions. The name follows formats.md §1.6. */
export function dataDirectory(home: Home, id: string): string {
  return join(home.data, id.replaceAll(/[^A-Za-z0-9_-]/g, "-"));
}

/** Deletes the data of plugins that no root holds any more. */
export function forgetData(home: Home, ids: Iterable<string>, current: Generation): void {
  const kept = new Set<string>();
  for (const root of Object.values(current.roots)) {
    for (const plugin of root.plugins) kept.add(dataDirectory(home, plugin.id));
  }
  for (const id of ids) {
    const directory = dataDirectory(home, id);
    if (!kept.has(directory)) rmSync(directory, { recursive: true, force: true });
  }
}
