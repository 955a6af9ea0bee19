import { posix } from "node:path";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { memoryTree, type MemoryFile } from "../../schemas/formats/memory-tree.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { joinedTree } from "../store/joined-tree.ts";
import type { PackageFile } from "./unpack.ts";

const FOLDER = "node_modules";

/** A locked package with its files. */
export interface UnpackedPackage {
  readonly locked: LockedPackage;
  readonly files: ReadonlyMap<string, PackageFile>;
}

/**
 * The files of a plugin with exactly these packages in `node_modules`, whatever lay there before. What a tarball brings of other
 * packages counts only where the lock says that they are bundled. Commands are links in `.bin`.
 */
export function packagedTree(
  plugin: FileTree,
  packages: readonly UnpackedPackage[],
  bundled: ReadonlySet<string>,
): FileTree {
  const files = new Map<string, MemoryFile>();
  for (const { locked, files: own } of packages) {
    for (const [file, { bytes, executable }] of own) {
      const path = `${locked.path}/${file}`;
      if (isOwn(path, locked.path, bundled)) files.set(path, { text: bytes, executable });
    }
  }
  for (const { locked } of packages) addCommands(locked, files);
  return joinedTree(plugin, FOLDER, memoryTree(Object.fromEntries(files)));
}

/** Whether a file belongs to the package at `owner`, or to one that it may bundle. */
function isOwn(path: string, owner: string, bundled: ReadonlySet<string>): boolean {
  const below = path.slice(owner.length + 1).split("/");
  if (below[0] !== FOLDER || bundled.has(`${owner}/${FOLDER}`)) return true;
  const [scope = "", name = ""] = below.slice(1);
  return bundled.has(`${owner}/${FOLDER}/${scope.startsWith("@") ? `${scope}/${name}` : scope}`);
}

function addCommands({ path, bin }: LockedPackage, files: Map<string, MemoryFile>): void {
  const folder = path.slice(0, path.lastIndexOf(`${FOLDER}/`) + FOLDER.length);
  for (const [command, file] of Object.entries(bin)) {
    const program = files.get(`${path}/${file}`);
    const link = `${folder}/.bin/${command}`;
    if (typeof program !== "object" || !("text" in program) || files.has(link)) continue;
    files.set(`${path}/${file}`, { text: program.text, executable: true });
    files.set(link, { link: posix.relative(`${folder}/.bin`, `${path}/${file}`) });
  }
}
