import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** Where a path really is; `undefined` when nothing is there, or it cannot be looked at. */
export function realOf(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** The same, and the path as it is written where nothing is there: it has no other name. */
export function realOr(path: string): string {
  return realOf(path) ?? resolve(path);
}

/** The path without links, as far as it exists. */
export function realPath(path: string): string {
  const real = realOf(path);
  const parent = dirname(path);
  if (real !== undefined || parent === path) return real ?? path;
  return join(realPath(parent), basename(path));
}

/** Whether a path is a folder or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
}
