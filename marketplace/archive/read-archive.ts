import { gunzipSync } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { CodedError } from "../../schemas/errors.ts";
import { parseTreePath } from "../../schemas/tree-path.ts";
import { quoted } from "../store/member-rules.ts";

/** One file of an archive. */
export interface ArchivedFile {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** What an archive is, for messages, and how large it may be. */
export interface ArchiveExpectation {
  /** E.g. "the package `a@1.0.0`". */
  readonly what: string;
  /** What to do about a member that is refused. */
  readonly refusedHint: string;
  readonly damagedHint: string;
  /** Everything lies in one folder, which is taken off. */
  readonly folder: boolean;
  /** With gzip, or plain; the other one is refused. */
  readonly compressed: boolean;
  /** Bounds what it unpacks to. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/**
 * Unpacks a tarball into memory, by path. Throws `E_ARCHIVE_LINK`, `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_ARCHIVE_CORRUPT`,
 * `E_LIMIT_ENTRIES` and `E_LIMIT_SIZE` (attacks.md AX01 to AX21); what names may look like, the store checks.
 */
export function readArchive(tarball: Uint8Array, expected: ArchiveExpectation): ReadonlyMap<string, ArchivedFile> {
  const files = new Map<string, ArchivedFile>();
  const directories = new Set<string>();
  let failure: CodedError | undefined;
  let entries = 0;
  const take = (entry: ReadEntry): void => {
    entries += 1;
    if (entries > expected.maxEntries) failure ??= tooMany(expected);
    if (failure !== undefined) {
      entry.resume();
      return;
    }
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () => {
      try {
        addEntry(entry, Buffer.concat(chunks), expected, files, directories);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        failure ??= error;
      }
    });
  };
  const parser = new Parser({ strict: true, onReadEntry: take });
  parser.on("error", (error: Error) => (failure ??= corrupt(expected, error)));
  let isWhole = false;
  parser.on("end", () => (isWhole = true));
  parser.end(unzipped(tarball, expected));
  if (failure !== undefined) throw failure;
  if (!isWhole || files.size === 0) throw corrupt(expected, undefined);
  return files;
}

function unzipped(tarball: Uint8Array, expected: ArchiveExpectation): Buffer {
  if (!expected.compressed) {
    if (tarball[0] === 0x1f && tarball[1] === 0x8b) throw compressed(expected);
    if (tarball.length > expected.maxBytes) throw tooLarge(expected);
    const whole = Buffer.from(tarball.buffer, tarball.byteOffset, tarball.byteLength);
    if (!isEnded(whole)) throw corrupt(expected, undefined);
    return whole;
  }
  try {
    return gunzipSync(tarball, { maxOutputLength: expected.maxBytes });
  } catch (error) {
    throw error instanceof RangeError ? tooLarge(expected, error) : corrupt(expected, error);
  }
}

/** Two empty blocks end an archive; without a checksum over all nothing else tells that its rest is missing, or that more follows. */
function isEnded(bytes: Buffer): boolean {
  const [block, end] = [512, 1_024];
  return bytes.length > end && bytes.length % block === 0 && bytes.subarray(-end).every((byte) => byte === 0);
}

function addEntry(
  entry: ReadEntry,
  bytes: Uint8Array,
  { what, refusedHint, folder }: ArchiveExpectation,
  files: Map<string, ArchivedFile>,
  directories: Set<string>,
): void {
  if (entry.type === "Directory" || entry.type === "GNUDumpDir") return;
  const refuse = (code: "E_ARCHIVE_LINK" | "E_ARCHIVE_TYPE" | "E_ARCHIVE_PATH", why: string): never => {
    throw new CodedError(code, `${what} holds ${quoted(entry.path)}, which ${why}`, { hint: refusedHint });
  };
  if (entry.type === "SymbolicLink" || entry.type === "Link") refuse("E_ARCHIVE_LINK", "is a link");
  if (entry.type !== "File" && entry.type !== "OldFile" && entry.type !== "ContiguousFile")
    refuse("E_ARCHIVE_TYPE", "is neither a file nor a directory");
  const parsed = parseTreePath(entry.path);
  if (!("path" in parsed)) return refuse("E_ARCHIVE_PATH", parsed.problem.why);
  const path = folder ? parsed.path.split("/").slice(1).join("/") : parsed.path;
  if (path === "") return refuse("E_ARCHIVE_PATH", "lies outside its folder");
  if (files.has(path) || directories.has(path)) refuse("E_ARCHIVE_PATH", "occurs twice");
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const parent = path.slice(0, slash);
    if (files.has(parent)) refuse("E_ARCHIVE_PATH", "lies below a file");
    directories.add(parent);
  }
  files.set(path, { bytes, executable: ((entry.mode ?? 0) & 0o111) !== 0 });
}

function tooLarge({ what, maxBytes, refusedHint }: ArchiveExpectation, cause?: unknown): CodedError {
  return new CodedError("E_LIMIT_SIZE", `${what} unpacks to more than ${maxBytes} bytes`, { hint: refusedHint, cause });
}

/** How much a compressed file becomes is known only when it is too late. */
function compressed({ what }: ArchiveExpectation): CodedError {
  return new CodedError("E_ARCHIVE_CORRUPT", `${what} is compressed`, { hint: "unpack it first, with `gunzip`" });
}

function tooMany({ what, maxEntries, refusedHint }: ArchiveExpectation): CodedError {
  return new CodedError("E_LIMIT_ENTRIES", `${what} has more than ${maxEntries} members`, { hint: refusedHint });
}

function corrupt({ what, damagedHint }: ArchiveExpectation, cause: unknown): CodedError {
  return new CodedError("E_ARCHIVE_CORRUPT", `the tarball of ${what} is damaged`, {
    hint: damagedHint,
    ...(cause === undefined ? {} : { cause }),
  });
}
