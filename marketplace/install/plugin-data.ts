import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Generation } from "../../schemas/generation.ts";
import type { Home } from "../home.ts";

/** The folder in which a plugin keeps what outlives its versions. The name follows formats.md §1.6. */
function dataDirectory(home: Home, id: string): string {
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

/** Gives the data of renamed plugins, old id → new id, to their new names; data that is there already is left alone. */
export function carryData(home: Home, renames: ReadonlyMap<string, string>, current: Generation): void {
  const installed = new Set(Object.values(current.roots).flatMap((root) => root.plugins.map(({ id }) => id)));
  for (const [from, to] of renames) {
    const [old, next] = [dataDirectory(home, from), dataDirectory(home, to)];
    if (!existsSync(old) || existsSync(next) || !installed.has(to)) continue;
    if (installed.has(from)) cpSync(old, next, { recursive: true });
    else renameSync(old, next);
  }
}
