import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { managedPlaces, type ManagedPlace } from "./managed-paths.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** One managed file, or the reason why what it says cannot be believed. */
export type ManagedFile =
  | { readonly file: string; readonly trusted: true; readonly text: string }
  | { readonly file: string; readonly trusted: false; readonly reason: string };

const MAX_LINKS = 40;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Reads every managed file of this machine, main documents before drop-ins, drop-ins by name.
 * A file that anybody but the administrator could have written, or that cannot be read, is reported and not read: its
 * reader closes what it might have said. Costs one `lstat` a place where nothing is managed.
 */
export function readManagedFiles(
  places: readonly ManagedPlace[] = managedPlaces(process.platform),
): readonly ManagedFile[] {
  return places.flatMap(({ directory, document, dropIns }) => {
    if (look(directory) === undefined) return [];
    return [...(exists(document) ? [readManagedFile(document)] : []), ...readDropIns(dropIns)];
  });
}

function readDropIns(directory: string): readonly ManagedFile[] {
  if (!exists(directory)) return [];
  try {
    const reason = untrustedReason(directory);
    if (reason !== undefined) return [{ file: directory, trusted: false, reason }];
    const names = readdirSync(directory).filter((name) => name.endsWith(".json") && !name.startsWith("."));
    return names.sort().map((name) => readManagedFile(join(directory, name)));
  } catch (error) {
    return [{ file: directory, trusted: false, reason: unreadable(error) }];
  }
}

function readManagedFile(file: string): ManagedFile {
  try {
    const reason = untrustedReason(file);
    if (reason !== undefined) return { file, trusted: false, reason };
    return { file, trusted: true, text: new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file)) };
  } catch (error) {
    return { file, trusted: false, reason: unreadable(error) };
  }
}

function unreadable(error: unknown): string {
  return isSystemError(error) ? `it cannot be read: ${error.code}` : "it is not UTF-8 text";
}

/** Anything but a certain absence exists: what may not be looked at may hold a rule. */
function exists(path: string): boolean {
  return look(path) !== undefined;
}

function look(path: string): Stats | "hidden" | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    return isSystemError(error) && error.code === "ENOTDIR" ? undefined : "hidden";
  }
}

/**
 * Why a path may have been written by somebody else than the administrator; `undefined` when it may not (attacks.md PB25).
 * Every directory on the way, through links as well, has to belong to root and be writable by root alone; a directory that
 * is sticky may be writable, because nobody can replace root's file in it. Windows guards the place by its access list.
 */
function untrustedReason(path: string): string | undefined {
  if (process.platform === "win32") return undefined;
  const pending: Step[] = [{ path: resolve(path), isAncestor: false }];
  let links = 0;
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const stats = look(step.path);
    if (stats === undefined) return `\`${step.path}\` does not exist`;
    if (stats === "hidden") return `\`${step.path}\` cannot be looked at`;
    if (step.path !== "/") pending.push({ path: dirname(step.path), isAncestor: true });
    if (stats.isSymbolicLink()) {
      if (stats.uid !== 0) return notRoots(step.path, stats);
      links += 1;
      if (links > MAX_LINKS) return `\`${path}\` leads through too many links`;
      pending.push({ path: resolve(dirname(step.path), readlinkSync(step.path)), isAncestor: step.isAncestor });
      continue;
    }
    const reason = reasonAgainst(step, stats);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

interface Step {
  readonly path: string;
  readonly isAncestor: boolean;
}

function reasonAgainst({ path, isAncestor }: Step, stats: Stats): string | undefined {
  if (!stats.isDirectory() && !stats.isFile()) return `\`${path}\` is neither a file nor a directory`;
  if (stats.uid !== 0) return notRoots(path, stats);
  if ((stats.mode & WRITABLE_BY_OTHERS) === 0) return undefined;
  if (isAncestor && (stats.mode & STICKY) !== 0) return undefined;
  return `\`${path}\` can be written by others than root (mode ${(stats.mode & 0o7777).toString(8)})`;
}

function notRoots(path: string, stats: Stats): string {
  return `\`${path}\` does not belong to root but to user ${stats.uid}`;
}
