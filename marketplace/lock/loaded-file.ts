import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { readLockfile, type Digest, type Lockfile } from "../../schemas/lockfile.ts";
import { positionIn } from "../../schemas/text-position.ts";
import { EMPTY_INTENT, readIntent, type Intent } from "../../schemas/plugins-json.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { readBytesIfPresent } from "../generations/state-files.ts";

/** A file of a root with the value that was read from it. */
export interface LoadedFile<T> {
  /** Absolute. */
  readonly path: string;
  /** `undefined` when the file is absent. */
  readonly text: string | undefined;
  /** Of the bytes; what a `FileChange` calls `before`. */
  readonly digest: Digest | "absent";
  readonly value: T;
}

/** A lock, which `sync` can make again from the intent when it cannot be read. */
export interface LoadedLock extends LoadedFile<Lockfile> {
  /** Why the file could not be read (a merge conflict, damage), and `value` therefore locks nothing. */
  readonly problem: Diagnostic | undefined;
}

/** A lock that locks nothing. */
const EMPTY_LOCK: Lockfile = { schema: 1, marketplaces: {}, plugins: {} };

/** Reads what people want; an absent or empty file wants nothing. Throws what `readIntent` throws, and `E_IO`. */
export function loadIntent(path: string): LoadedFile<Intent> {
  const file = load(path);
  return { ...file, value: isBlank(file.text) ? EMPTY_INTENT : readIntent(file.text ?? "", path) };
}

/**
 * Reads a lock; an absent or empty file locks nothing, and so does a damaged or conflicted one, which is a `problem`.
 * Throws `E_SCHEMA_NEWER`, `E_IO` and the codes of the checks of its sources.
 */
export function loadLock(path: string): LoadedLock {
  const file = load(path);
  try {
    return { ...file, value: parseLock(file.text ?? "", path), problem: undefined };
  } catch (error) {
    if (!isCodedError(error) || (error.code !== "E_STATE_CORRUPT" && error.code !== "E_JSON")) throw error;
    const { message, hint, where } = error;
    return {
      ...file,
      value: EMPTY_LOCK,
      problem: { code: "E_STATE_CORRUPT", severity: "error", message, file: path, ...positionIn(where), hint },
    };
  }
}

/** Reads the text of a lock; an empty one locks nothing. Throws what `readLockfile` throws. */
export function parseLock(text: string, path: string): Lockfile {
  return isBlank(text) ? EMPTY_LOCK : readLockfile(text, path);
}

function load(path: string): Omit<LoadedFile<unknown>, "value"> {
  const bytes = readBytesIfPresent(path);
  return { path, text: bytes?.toString("utf8"), digest: bytes === undefined ? "absent" : digestOf(bytes) };
}

function isBlank(text: string | undefined): boolean {
  return text === undefined || text.trim() === "";
}
