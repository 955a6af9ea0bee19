import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const MAX_LINKS = 40;

/** The canonical path of a file that may not exist yet: every link on the way is followed, dangling ones too. */
export function realPath(path: string): string {
  return follow(path, MAX_LINKS);
}

function follow(path: string, links: number): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === false) return realpathSync.native(path);
  const parent = dirname(path);
  if (parent === path) return path;
  if (links === 0) throw new Error(`\`${path}\` is a link that leads nowhere; name the file itself`);
  const realParent = follow(parent, links);
  return stats === undefined
    ? resolve(realParent, basename(path))
    : follow(resolve(realParent, readlinkSync(path)), links - 1);
}

/** Whether an error of the file system says that there is no such file. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
