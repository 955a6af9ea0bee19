import { closeSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { makeFolders, removeEmptyFolders } from "../store/folders.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** The one thing that may be there already: a repository that somebody created for the plugin. */
const REPOSITORY = ".git";

/** Throws `E_EXISTS` unless the directory can be written into without touching anything: it is absent, or empty but for `.git`. */
export function requireEmpty(directory: string, shown: string): void {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (error.code === "ENOENT") return;
    if (error.code !== "ENOTDIR") throw ioError("list", directory, error);
    throw new CodedError("E_EXISTS", `\`${shown}\` is a file`, { hint: "name another folder with `--dir`" });
  }
  const [first] = names.filter((name) => name !== REPOSITORY);
  if (first === undefined) return;
  throw new CodedError("E_EXISTS", `\`${shown}\` is not empty: it holds \`${first}\``, {
    hint: "name another folder with `--dir`; nothing is overwritten",
  });
}

/**
 * Writes new files below a directory that `requireEmpty` has let pass, all or none: what was written is taken back when one cannot be.
 * What appeared there since is left as it is, with `E_EXISTS`.
 */
export function writeNew(directory: string, files: ReadonlyMap<string, string>): void {
  const written: string[] = [];
  const folders: string[] = [];
  for (const [path, content] of files) {
    const file = join(directory, path);
    try {
      folders.push(...makeFolders(dirname(file)));
      const descriptor = openSync(file, "wx");
      written.push(file);
      try {
        writeFileSync(descriptor, content);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      takeBack(written, folders);
      if (!isSystemError(error, "EEXIST")) throw ioError("write", file, error);
      throw new CodedError("E_EXISTS", `\`${file}\` appeared while the plugin was written`, {
        hint: "start again in another folder",
      });
    }
  }
}

function takeBack(files: readonly string[], folders: readonly string[]): void {
  for (const file of files) rmSync(file, { force: true });
  // What somebody put something into meanwhile stays.
  removeEmptyFolders(folders);
}
