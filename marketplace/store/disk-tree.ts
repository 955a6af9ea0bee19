import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
} from "node:fs";
import { rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { digestOf, type TreeMember } from "../../schemas/tree-digest.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** Reads what a tree on disk really holds, every byte of it; what is neither file, directory nor link is in `strange`. */
export function readTreeMembers(root: string): {
  readonly members: readonly TreeMember[];
  readonly strange: readonly string[];
} {
  const members: TreeMember[] = [];
  const strange: string[] = [];
  walk(root, "", (path, kind) => {
    const absolute = join(root, path);
    if (kind === "file") {
      const bytes = readFileSync(absolute);
      const executable = (lstatSync(absolute).mode & 0o111) !== 0;
      const sha256 = digestOf(bytes).slice("sha256-".length);
      members.push({ kind, path, executable, bytes: bytes.length, sha256 });
    } else if (kind === "link") members.push({ kind, path, target: readlinkSync(absolute) });
    else if (kind === "other") strange.push(path);
  });
  return { members, strange };
}

/** Deletes a tree, also a read-only one; links are removed, never followed. Nothing happens when it is absent. */
export function removeTree(root: string): void {
  const stats = lstatSync(root, { throwIfNoEntry: false });
  if (stats === undefined) return;
  try {
    if (!stats.isDirectory()) unlinkSync(root);
    else removeDirectory(root);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw ioError("remove", root, error);
  }
}

/** Makes every file and directory below a directory durable, one by one. */
export function syncTree(root: string): void {
  walk(root, "", (path, kind) => {
    if (kind === "file") syncPath(join(root, path));
    else if (kind === "directory") syncPath(join(root, path));
  });
  syncPath(root);
}

function syncPath(path: string): void {
  const descriptor = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function removeDirectory(directory: string): void {
  chmodSync(directory, 0o700);
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) removeDirectory(path);
    else unlinkSync(path);
  }
  rmdirSync(directory);
}

type Visit = (path: string, kind: "file" | "directory" | "link" | "other") => void;

/** Visits a directory after what lies in it. Directories are nested at most as deep as the limits of the store allow. */
function walk(root: string, directory: string, visit: Visit): void {
  try {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = directory === "" ? entry.name : `${directory}/${entry.name}`;
      if (entry.isDirectory()) {
        walk(root, path, visit);
        visit(path, "directory");
      } else visit(path, entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other");
    }
  } catch (error) {
    throw ioError("read", join(root, directory), error);
  }
}
