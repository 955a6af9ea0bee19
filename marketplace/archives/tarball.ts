import { once } from "node:events";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { CodedError } from "../../schemas/errors.ts";
import {
  type ArchiveFile,
  type ArchiveHints,
  type ArchiveLimits,
  corruptArchive,
  Members,
  PUBLISHED_HINTS,
} from "./members.ts";

/**
 * Unpacks a gzipped tarball into memory; every warning of the library is an error. Throws `E_ARCHIVE_LINK`, `E_ARCHIVE_PATH`,
 * `E_ARCHIVE_TYPE`, `E_ARCHIVE_CORRUPT` and `E_LIMIT_…` (attacks.md AX01 to AX21); what names may look like, the store checks.
 */
export async function unpackTarball(
  tarball: Uint8Array,
  label: string,
  limits: ArchiveLimits,
): Promise<ReadonlyMap<string, ArchiveFile>> {
  const reader = new TarReader(label, limits, PUBLISHED_HINTS);
  await expand(tarball, { onChunk: (chunk, compressed) => reader.write(chunk, compressed) }).catch((error: unknown) =>
    reader.fail(error),
  );
  return reader.end();
}

/** Reads a tarball that is not compressed, under the same rules; with anything after its end it is refused. Throws the same. */
export function readPlainTarball(
  tarball: Uint8Array,
  label: string,
  limits: ArchiveLimits,
  hints: ArchiveHints,
): ReadonlyMap<string, ArchiveFile> {
  if (tarball[0] === 0x1f && tarball[1] === 0x8b) {
    // How much a compressed file becomes is known only when it is too late.
    throw new CodedError("E_ARCHIVE_CORRUPT", `${label} is compressed`, { hint: "unpack it first, with `gunzip`" });
  }
  const reader = new TarReader(label, limits, hints);
  const whole = Buffer.from(tarball.buffer, tarball.byteOffset, tarball.byteLength);
  if (isEnded(whole)) reader.write(whole, whole.length);
  else reader.fail(undefined);
  return reader.end();
}

/** Two empty blocks end a tarball; without a checksum over all nothing else tells that its rest is missing, or that more follows. */
function isEnded(bytes: Buffer): boolean {
  const [block, end] = [512, 1_024];
  return bytes.length > end && bytes.length % block === 0 && bytes.subarray(-end).every((byte) => byte === 0);
}

/** The members of one tarball while its bytes come in; the first thing that is wrong is the one that is thrown. */
class TarReader {
  readonly #members: Members;
  readonly #label: string;
  readonly #hints: ArchiveHints;
  readonly #parser: Parser;
  #failure: CodedError | undefined;
  #isWhole = false;

  constructor(label: string, limits: ArchiveLimits, hints: ArchiveHints) {
    this.#label = label;
    this.#hints = hints;
    this.#members = new Members(label, limits, hints);
    this.#parser = new Parser({ strict: true, onReadEntry: (entry) => this.#read(entry) });
    this.#parser.on("error", (error: Error) => this.fail(error));
    this.#parser.on("end", () => (this.#isWhole = true));
  }

  /** `compressedSoFar` is what the expanded bytes came from. Throws the first failure. */
  write(chunk: Buffer, compressedSoFar: number): void {
    this.#attempt(() => this.#members.countBytes(chunk.length, compressedSoFar));
    if (this.#failure === undefined) this.#parser.write(chunk);
    if (this.#failure !== undefined) throw this.#failure;
  }

  fail(error: unknown): void {
    this.#failure ??=
      error instanceof CodedError ? error : corruptArchive(this.#label, error, "is damaged", this.#hints);
  }

  end(): ReadonlyMap<string, ArchiveFile> {
    if (this.#failure === undefined) this.#parser.end();
    const { files } = this.#members;
    if (this.#failure === undefined && (!this.#isWhole || files.size === 0)) this.fail(undefined);
    if (this.#failure !== undefined) throw this.#failure;
    return files;
  }

  #read(entry: ReadEntry): void {
    this.#attempt(() => checkEntry(entry, this.#members));
    const chunks: Buffer[] = [];
    if (this.#failure === undefined) entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    else entry.resume();
    entry.on("end", () => this.#attempt(() => addEntry(entry, Buffer.concat(chunks), this.#members)));
  }

  #attempt(run: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      run();
    } catch (error) {
      this.fail(error);
    }
  }
}

/** Decompresses in pieces, so that a bomb is noticed while it is small. */
async function expand(
  tarball: Uint8Array,
  { onChunk }: { readonly onChunk: (chunk: Buffer, compressedSoFar: number) => void },
): Promise<void> {
  const gunzip = createGunzip();
  const end = once(gunzip, "end");
  gunzip.on("data", (chunk: Buffer) => {
    try {
      onChunk(chunk, gunzip.bytesWritten);
    } catch (error) {
      gunzip.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  });
  gunzip.end(tarball);
  await end;
  if (gunzip.bytesWritten !== tarball.length) throw new Error("something follows the compressed data");
}

function checkEntry(entry: ReadEntry, members: Members): void {
  members.countEntry();
  if (entry.type === "SymbolicLink" || entry.type === "Link")
    throw members.refusal("E_ARCHIVE_LINK", entry.path, "is a link");
  if (!isDirectory(entry) && entry.type !== "File" && entry.type !== "OldFile" && entry.type !== "ContiguousFile")
    throw members.refusal("E_ARCHIVE_TYPE", entry.path, "is neither a file nor a directory");
  members.countFile(entry.path, entry.size);
}

function addEntry(entry: ReadEntry, bytes: Uint8Array, members: Members): void {
  if (isDirectory(entry)) members.addDirectory(entry.path);
  else members.addFile(entry.path, { bytes, executable: ((entry.mode ?? 0) & 0o111) !== 0 });
}

function isDirectory({ type }: ReadEntry): boolean {
  return type === "Directory" || type === "GNUDumpDir";
}
