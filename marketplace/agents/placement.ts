import { createHash } from "node:crypto";
import {
  chmodSync,
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { readTreeMembers, removeTree } from "../store/disk-tree.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { makeFolders } from "../store/folders.ts";
import { digestOf, treeDigest } from "../../schemas/tree-digest.ts";

/** One file of a placed folder. */
export interface PlacedFile {
  /** Relative, with `/`. */
  readonly path: string;
  /** Its text, or the absolute path of the file that is copied. */
  readonly content: { readonly text: string } | { readonly copy: string };
  readonly executable?: boolean | undefined;
}

/**
 * Something that has to lie at an absolute path. The same `key` at the same path means the same bytes, so that what is
 * there already is not written again.
 */
export interface Placement {
  readonly path: string;
  readonly key: string;
  /** The plugin that it is of, for reports; absent for what is of all of them. */
  readonly plugin?: string | undefined;
  readonly content:
    | { readonly kind: "link"; readonly target: string }
    | { readonly kind: "folder"; readonly files: () => readonly PlacedFile[] }
    | { readonly kind: "file"; readonly text: () => string };
}

/** A placement that was made, as it is remembered. */
export interface MadePlacement {
  readonly path: string;
  readonly key: string;
  /** Of what lies there, to know whether somebody changed it since; `""` where nobody else has a reason to write. */
  readonly digest: string;
}

/**
 * Writes one placement beside its path and renames it there, so that an agent reads the old or the new one.
 * `watched` remembers its digest; folders that were made on the way to it are added to `folders`. Throws `E_IO`.
 */
export function place(placement: Placement, watched: boolean, folders: Set<string>): MadePlacement {
  const { path, key, content } = placement;
  const next = join(dirname(path), `.plugsmith-${createHash("sha256").update(path).digest("hex").slice(0, 12)}`);
  makeFolder(dirname(path), folders);
  try {
    removeTree(next);
    if (content.kind === "link") symlinkSync(content.target, next);
    else if (content.kind === "file") writeFileSync(next, content.text());
    else writeFolder(next, content.files());
    if (content.kind === "folder" || isFolder(path)) removeTree(path);
    renameSync(next, path);
  } catch (error) {
    removeTree(next);
    throw ioError("write", path, error);
  }
  return { path, key, digest: watched ? digestAt(path) : "" };
}

function makeFolder(folder: string, made: Set<string>): void {
  try {
    for (const one of makeFolders(folder)) made.add(one);
  } catch (error) {
    throw ioError("create", folder, error);
  }
}

function writeFolder(folder: string, files: readonly PlacedFile[]): void {
  const made = new Set<string>();
  mkdirSync(folder);
  for (const { path, content, executable } of files) {
    const file = join(folder, path);
    const parent = dirname(file);
    if (!made.has(parent)) mkdirSync(parent, { recursive: true });
    made.add(parent);
    if ("text" in content) writeFileSync(file, content.text);
    else copyFileSync(content.copy, file, constants.COPYFILE_FICLONE);
    // What is copied out of the store is read-only there; an agent's own folder is the person's to edit.
    if ("copy" in content || executable === true) chmodSync(file, executable === true ? 0o755 : 0o644);
  }
}

/** Takes a placement away again. Throws `E_IO`. */
export function displace(made: MadePlacement): void {
  removeTree(made.path);
}

/** Whether something lies at a path. */
export function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if (isSystemError(error, "ENOTDIR")) return false;
    throw ioError("look at", path, error);
  }
}

/** Whether what was placed is gone or differs from what was written. */
export function wasChanged(made: MadePlacement): boolean {
  return made.digest !== "" && digestAt(made.path) !== made.digest;
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Digest of a file, a link or a folder; `absent` when nothing is there. */
function digestAt(path: string): string {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return "absent";
  if (stats.isSymbolicLink()) return `link:${readlinkSync(path)}`;
  if (stats.isFile()) return digestOf(readFileSync(path));
  return treeDigest(readTreeMembers(path).members);
}
