import { realpathSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";

/** Where things lie, absolute. */
export interface Places {
  readonly homeDirectory: string;
  readonly projectDirectory: string;
  readonly plugsmithHome: string;
}

/** Whether a path is a folder or lies in it. */
export function isWithin(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`));
}

/** The path without links, as far as it exists. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
