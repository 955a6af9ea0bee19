import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

const MAX_LINKS = 40;

/** The canonical path of a file that may not exist yet: every link on the way is followed, dangling ones too. */
export function realPath(path: string): string {
  return follow(path, MAX_LINKS);
}

function follow(path: string, links: number): string {
  const existing = orMissing(() => realpathSync.native(path));
  if (existing !== undefined) return existing;
  if (links === 0) throw new Error(`\`${path}\` is a link that leads nowhere; name the file itself`);
  const parent = dirname(path);
  if (parent === path) return path;
  const link = orMissing(() => (lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined));
  const realParent = follow(parent, links - 1);
  return link === undefined ? resolve(realParent, basename(path)) : follow(resolve(realParent, link), links - 1);
}

function orMissing<Value>(look: () => Value | undefined): Value | undefined {
  try {
    return look();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
