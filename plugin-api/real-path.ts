import type * as files from "node:fs";
import type * as paths from "node:path";

/** What `realPath` needs of Node; this interface imports nothing at run time, so whoever calls hands it over. */
export interface RealPathModules {
  readonly fs: Pick<typeof files, "lstatSync" | "readlinkSync" | "realpathSync">;
  readonly path: Pick<typeof paths, "basename" | "dirname" | "resolve">;
}

const MAX_LINKS = 40;

/**
 * The canonical path of a file that may not exist yet: every link on the way is followed, dangling ones too. What decides about a path
 * and what opens it have to agree on it. Throws for links that lead in a circle, and what the file system says.
 */
export function realPath(path: string, modules: RealPathModules): string {
  return follow(path, MAX_LINKS, modules);
}

function follow(path: string, links: number, modules: RealPathModules): string {
  const { fs } = modules;
  const { basename, dirname, resolve } = modules.path;
  const stats = fs.lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() === false) return fs.realpathSync.native(path);
  const parent = dirname(path);
  if (parent === path) return path;
  if (links === 0) throw new Error(`\`${path}\` is a link that leads nowhere; name the file itself`);
  const realParent = follow(parent, links, modules);
  return stats === undefined
    ? resolve(realParent, basename(path))
    : follow(resolve(realParent, fs.readlinkSync(path)), links - 1, modules);
}
