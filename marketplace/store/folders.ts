import { mkdirSync, readdirSync, rmdirSync, statSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/**
 * Makes a folder and those around it, and returns the ones that were not there, the outermost first; none stays when one cannot be
 * made. One by one, because Node's own recursive call goes round for ever below a folder in which nothing can be made, such as
 * `/proc` (Node 26.10). Throws the system call that failed.
 */
export function makeFolders(folder: string): readonly string[] {
  const missing: string[] = [];
  let one = folder;
  for (let found = look(one); found?.isDirectory() !== true; found = look(one)) {
    // A file in the way: the call says so.
    if (found !== undefined) mkdirSync(one);
    missing.unshift(one);
    one = dirname(one);
  }
  const made: string[] = [];
  for (const path of missing) {
    try {
      mkdirSync(path);
      made.push(path);
    } catch (error) {
      // Somebody else made it meanwhile.
      if (isSystemError(error, "EEXIST")) continue;
      removeEmptyFolders(made);
      throw error;
    }
  }
  return made;
}

const look = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

/** Removes those folders that are empty, deepest first, and returns the others. Throws `E_IO`. */
export function removeEmptyFolders(folders: Iterable<string>): readonly string[] {
  return [...folders]
    .toSorted((left, right) => right.length - left.length)
    .filter((folder) => {
      try {
        rmdirSync(folder);
        return false;
      } catch (error) {
        if (isSystemError(error, "ENOENT")) return false;
        if (isSystemError(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) return true;
        throw ioError("remove", folder, error);
      }
    });
}

/** The names in a folder, sorted; none when it is absent. Throws `E_IO`. */
export function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw ioError("list", folder, error);
  }
}
