import { existsSync, lstatSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import type { Home } from "../home.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { syncDirectory, writeDurableFile } from "../store/durable-file.ts";
import { ioError } from "../../schemas/system-error.ts";
import { realPath } from "../store/real-path.ts";
import type { FileChange } from "./journal.ts";
import { readBytesIfPresent, removeIfPresent } from "./state-files.ts";

/** The digest of a file's bytes, or `absent`. */
export function fileDigest(path: string): Digest | "absent" {
  const bytes = readBytesIfPresent(path);
  return bytes === undefined ? "absent" : digestOf(bytes);
}

/** Refuses changes that would be written through a link a repository could have planted. Throws `E_PATH_ESCAPE`. */
export function checkTargets(home: Home, files: readonly FileChange[]): void {
  for (const { path } of files) writtenPath(home, path);
}

/**
 * Writes every change whose file still is what it was computed from and skips those that were written already, so it may
 * be repeated. A file that is neither is kept: the new text goes to `<file>.plugsmith-new` and both are reported.
 * A file whose project is gone, or leads elsewhere by now, is left out and reported.
 */
export function finishChanges(home: Home, files: readonly FileChange[]): readonly Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const directories = new Set<string>();
  for (const change of files) {
    const path = reachablePath(home, change.path, diagnostics);
    if (path === undefined) continue;
    const present = fileDigest(path);
    const wanted = change.after === undefined ? "absent" : digestOf(change.after);
    if (present === wanted) {
      if (change.after === undefined) removeOwnFolder(home, path, directories);
      continue;
    }
    if (present === change.before) write(home, path, change.after, directories);
    else diagnostics.push(keepBoth(home, path, change.after, directories));
  }
  for (const directory of directories) syncDirectory(directory);
  return diagnostics;
}

function reachablePath(home: Home, path: string, diagnostics: Diagnostic[]): string | undefined {
  const directory = isPrivate(home, dirname(path)) ? dirname(dirname(path)) : dirname(path);
  const common = { code: "E_STALE", severity: "warning", file: path } as const;
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) {
    diagnostics.push({ ...common, message: `\`${path}\` was not written because \`${directory}\` is gone` });
    return undefined;
  }
  try {
    return writtenPath(home, path);
  } catch (error) {
    if (!isCodedError(error) || error.code !== "E_PATH_ESCAPE") throw error;
    const { message, hint } = error;
    diagnostics.push({ ...common, code: "E_PATH_ESCAPE", message, hint });
    return undefined;
  }
}

function write(home: Home, path: string, after: string | undefined, directories: Set<string>): void {
  directories.add(dirname(path));
  if (after === undefined) {
    removeIfPresent(path);
    removeOwnFolder(home, path, directories);
    return;
  }
  makeParent(home, path, directories);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  const mode = stats?.isFile() === true ? { mode: stats.mode & 0o777, exactMode: true } : {};
  const temporary = join(dirname(path), `.${basename(path)}.plugsmith-tmp`);
  writeDurableFile(path, after, { temporary, ...mode, directoryLater: true });
}

/** A project's private picks keep themselves out of the repository from the moment they exist. */
function makeParent(home: Home, path: string, directories: Set<string>): void {
  const directory = dirname(path);
  try {
    const created = mkdirSync(directory, { recursive: true });
    if (created !== undefined) directories.add(dirname(created));
  } catch (error) {
    throw ioError("create", directory, error);
  }
  const ignore = join(directory, ".gitignore");
  if (basename(path) !== "local.json" || !isPrivate(home, directory)) return;
  if (lstatSync(ignore, { throwIfNoEntry: false }) === undefined)
    writeDurableFile(ignore, IGNORED, { directoryLater: true });
}

const IGNORED = "*\n";

/** Takes away what was made for a project's private picks, once nothing else lies beside them. */
function removeOwnFolder(home: Home, path: string, directories: Set<string>): void {
  const directory = dirname(path);
  if (basename(path) !== "local.json" || !isPrivate(home, directory) || !existsSync(directory)) return;
  const [only, another] = readdirSync(directory);
  const ignore = join(directory, ".gitignore");
  if (another !== undefined || (only !== undefined && only !== ".gitignore")) return;
  if (only !== undefined && fileDigest(ignore) !== digestOf(IGNORED)) return;
  removeIfPresent(ignore);
  rmdirSync(directory);
  directories.delete(directory);
  directories.add(dirname(directory));
}

function keepBoth(home: Home, path: string, after: string | undefined, directories: Set<string>): Diagnostic {
  const common = { code: "E_STALE", severity: "warning", file: path } as const;
  if (after === undefined) {
    return {
      ...common,
      message: `\`${path}\` was to be deleted, but it was edited meanwhile and was kept`,
      hint: "delete it if it is no longer wanted",
    };
  }
  const beside = `${path}.plugsmith-new`;
  if (fileDigest(beside) !== digestOf(after)) write(home, beside, after, directories);
  return {
    ...common,
    message: `\`${path}\` was edited meanwhile and was kept; what the command wrote lies in \`${beside}\``,
    hint: `merge \`${basename(beside)}\` into \`${basename(path)}\`, delete it, then run \`plugin sync\``,
  };
}

/**
 * Where a change of `path` is really written. A link below the home is the person's own and is followed; elsewhere (a
 * repository) neither the file nor its `.plugsmith` directory may be a link that leaves the directory it lies in (PS06).
 */
function writtenPath(home: Home, path: string): string {
  const directory = dirname(path);
  if (isPrivate(home, directory) && isLink(directory)) throw leaves(directory);
  if (!isLink(path)) return path;
  const real = realPath(path);
  const inHome = path.startsWith(home.directory + sep);
  if (real !== undefined && (inHome || !relative(realPath(directory) ?? directory, real).startsWith(".."))) return real;
  throw leaves(path);
}

/** Whether a directory is the `.plugsmith` of a project, as opposed to the home, which may have that name too. */
function isPrivate(home: Home, directory: string): boolean {
  return basename(directory) === ".plugsmith" && directory !== home.directory;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function leaves(path: string): CodedError {
  return new CodedError("E_PATH_ESCAPE", `\`${path}\` is a link that leads elsewhere, nothing is written through it`, {
    where: path,
    hint: "replace the link by a regular file or directory",
  });
}
