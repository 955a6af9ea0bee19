import { chmodSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { recover } from "../generations/recover.ts";
import { removeIfPresent } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import type { Services } from "../services.ts";
import { removeTree } from "../store/disk-tree.ts";
import { syncDirectory } from "../store/durable-file.ts";
import { IndexFile } from "../store/index-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { ownMark } from "../store/process-mark.ts";
import { whileNobodyChanges } from "../store/store-claim.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { IndexedRecord } from "../../schemas/store-index.ts";
import { findGarbage, type Garbage } from "./garbage.ts";
import { findNeeded, type Needed, type NeedsOptions } from "./needed.ts";

/** Something that went, or would go. */
export interface Collected extends Garbage {
  readonly bytes: number;
}

/** What a collection did, or would do. */
export interface Collection {
  readonly removed: readonly Collected[];
  /** By how much the index of the store shrank. */
  readonly indexBytes: number;
  /** Numbers of the generations that are kept, newest first. */
  readonly generations: readonly number[];
  readonly diagnostics: readonly Diagnostic[];
}

/** How many generations stay when nobody says otherwise. */
export const KEPT_GENERATIONS = 10;

/**
 * Removes from a home what no kept generation, running session, lock, other agent or marketplace needs.
 *
 * Waits for changes that are under way and holds the home while it works: generations go first, one by one, then trees are
 * renamed aside, then the index is replaced; what was renamed is deleted after the home is free again. A process that dies
 * anywhere leaves whole trees or none, and what it renamed is swept as any dead staging is.
 * Throws `E_STATE_CORRUPT` and `E_SCHEMA_NEWER` when it cannot be known what is needed, `E_LOCKED`, `E_IO`, `E_INTERRUPTED`.
 */
export async function collectGarbage(
  { home, consent, exclusively, signal, progress }: Services,
  { keep, dryRun }: { readonly keep: number; readonly dryRun: boolean },
): Promise<Collection> {
  const options: NeedsOptions = { home, keep, consent };
  if (dryRun || lstatSync(home.directory, { throwIfNoEntry: false }) === undefined) return foreseen(options);
  const onWait = (holder: number): void => progress(`waiting for process ${holder}, which is changing plugins`);
  const { trash, removed, ...rest } = await whileNobodyChanges(home, { signal, onWait }, () =>
    exclusively(() => throwAway(options)),
  );
  progress("deleting");
  const deletedOnes = removed.map((one) => deleted(one, signal));
  if (trash !== undefined) removeTree(trash);
  return { ...rest, removed: deletedOnes };
}

function foreseen(options: NeedsOptions): Collection {
  const needed = findNeeded(options);
  const removed = findGarbage(options.home, needed).map((one) => ({ ...one, bytes: bytesBelow(one.path) }));
  const { generations, diagnostics } = needed;
  return { removed, indexBytes: indexOf(options.home, needed).shrinksBy, generations, diagnostics };
}

/** Something that lies in the trash, or is gone already. */
interface Thrown extends Collected {
  readonly lies: string | undefined;
}

interface ThrownAway extends Omit<Collection, "removed"> {
  readonly removed: readonly Thrown[];
  /** Absolute; absent when nothing had to be renamed. */
  readonly trash: string | undefined;
}

/** What has to be done while the home is held. */
function throwAway(options: NeedsOptions): ThrownAway {
  const { home } = options;
  const recovered = recover(home);
  const needed = findNeeded(options);
  const garbage = findGarbage(home, needed);
  const generations = garbage.filter(({ kind }) => kind === "generation");
  const others = garbage.filter(({ kind }) => kind !== "generation");
  const gone = generations.map((one) => unlinked(one));
  // Nothing that a listed generation names may be gone, whatever the disk has kept after a crash.
  if (generations.length > 0) syncDirectory(home.generations);
  const trash = others.length === 0 ? undefined : makeTrash(home);
  const thrown = others.map((one, at) => (trash === undefined ? unlinked(one) : moved(one, join(trash, String(at)))));
  if (others.some(({ kind }) => kind === "tree")) syncDirectory(home.trees);
  const { text, shrinksBy } = indexOf(home, needed);
  if (text !== undefined) new IndexFile(home.index).replace(text);
  pruneEmptyFolders(home, thrown);
  return {
    trash,
    removed: [...gone, ...thrown],
    indexBytes: shrinksBy,
    generations: needed.generations,
    diagnostics: [...recovered, ...needed.diagnostics],
  };
}

function indexOf(home: Home, needed: Needed): { readonly text: string | undefined; readonly shrinksBy: number } {
  const text = new IndexFile(home.index).without((record) => isNeeded(record, needed));
  if (text === undefined) return { text, shrinksBy: 0 };
  return { text, shrinksBy: Math.max(0, (sizeOf(home.index) ?? 0) - Buffer.byteLength(text)) };
}

/** Records of a kind that is not known stay: a newer Plugsmith wrote them. */
function isNeeded({ kind, name, text }: IndexedRecord, { trees, manifests, listed }: Needed): boolean {
  switch (kind) {
    case "manifest":
      return manifests.has(name);
    case "members":
      return trees.has(name) || listed.has(name);
    case "inspection": {
      const [tree = "", manifest = ""] = name.split(".");
      return trees.has(tree) && manifests.has(manifest);
    }
    case "packages": {
      const [source = ""] = name.split(".");
      const [derived = ""] = /sha256-[0-9a-f]{64}/u.exec(text.slice(kind.length + name.length + 2)) ?? [];
      return trees.has(source) && trees.has(derived);
    }
    default:
      return true;
  }
}

/** A place for what goes, which a later process sweeps as staging when this one dies. */
function makeTrash(home: Home): string {
  try {
    mkdirSync(home.staging, { recursive: true, mode: 0o700 });
    return mkdtempSync(join(home.staging, `${ownMark()}-`));
  } catch (error) {
    throw ioError("create a directory in", home.staging, error);
  }
}

function unlinked(one: Garbage): Thrown {
  const bytes = sizeOf(one.path) ?? 0;
  removeIfPresent(one.path);
  return { ...one, bytes, lies: undefined };
}

/** Renames something into the trash; what lies on another volume is deleted where it is, which only caches may. */
function moved(one: Garbage, to: string): Thrown {
  const stats = lstatSync(one.path, { throwIfNoEntry: false });
  if (stats === undefined) return { ...one, bytes: 0, lies: undefined };
  try {
    // rename(2) of a directory to another one needs the right to write into it.
    if (stats.isDirectory()) chmodSync(one.path, 0o700);
    renameSync(one.path, to);
    return { ...one, bytes: 0, lies: to };
  } catch (error) {
    if (!isSystemError(error, "EXDEV") || one.kind === "tree") throw ioError("move aside", one.path, error);
    const bytes = bytesBelow(one.path);
    removeTree(one.path);
    return { ...one, bytes, lies: undefined };
  }
}

function deleted({ kind, path, lies, bytes }: Thrown, signal: AbortSignal): Collected {
  if (lies === undefined) return { kind, path, bytes };
  signal.throwIfAborted();
  const freed = bytesBelow(lies);
  removeTree(lies);
  return { kind, path, bytes: freed };
}

/** Folders of links that lost their last one. */
function pruneEmptyFolders(home: Home, gone: readonly Garbage[]): void {
  for (const { kind, path } of gone) {
    if (kind !== "link") continue;
    for (let folder = dirname(path); folder !== home.cache && isEmpty(folder); folder = dirname(folder))
      rmdirSync(folder);
  }
}

function isEmpty(folder: string): boolean {
  return lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(folder).length === 0;
}

function sizeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.size;
}

/** The sum of the sizes of all files below a path; links count as themselves. */
function bytesBelow(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() !== true) return stats?.size ?? 0;
  try {
    return readdirSync(path).reduce((sum, name) => sum + bytesBelow(join(path, name)), 0);
  } catch (error) {
    throw ioError("list", path, error);
  }
}
