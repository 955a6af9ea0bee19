import { lstatSync } from "node:fs";
import type { FileTree, TreeNode } from "../../schemas/formats/file-tree.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/**
 * A tree that the store wrote: what lies at a path of it is looked at there at once. Only what is no plain file, and every
 * other question, opens the directory, which lists each folder on the way.
 */
export function storedTree(directory: string, open: (directory: string) => FileTree): FileTree {
  let opened: FileTree | undefined;
  const whole = (): FileTree => (opened ??= open(directory));
  return {
    list: (path) => whole().list(path),
    stat: (path) => plainFile(directory, path) ?? whole().stat(path),
    read: (path, maxBytes) => whole().read(path, maxBytes),
  };
}

function plainFile(directory: string, path: string): TreeNode | undefined {
  if (path.split("/").some((part) => part === "" || part === "." || part === "..")) return undefined;
  try {
    const stats = lstatSync(`${directory}/${path}`, { throwIfNoEntry: false });
    if (stats?.isFile() !== true) return undefined;
    return { kind: "file", path, bytes: stats.size, executable: (stats.mode & 0o111) !== 0 };
  } catch (error) {
    // A look at the whole directory says what is wrong.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}
