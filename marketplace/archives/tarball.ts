import { once } from "node:events";
import { createGunzip } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { CodedError } from "../../schemas/errors.ts";
import { type ArchiveFile, type ArchiveLimits, corruptArchive, Members } from "./members.ts";

/**
 * Unpacks a gzipped tarball into memory; every warning of the library is an error. Throws `E_ARCHIVE_LINK`, `E_ARCHIVE_PATH`,
 * `E_ARCHIVE_TYPE`, `E_ARCHIVE_CORRUPT` and `E_LIMIT_…` (attacks.md AX01 to AX21); what names may look like, the store checks.
 */
export async function unpackTarball(
  tarball: Uint8Array,
  label: string,
  limits: ArchiveLimits,
): Promise<ReadonlyMap<string, ArchiveFile>> {
  const members = new Members(label, limits);
  const state: { failure: CodedError | undefined; isWhole: boolean } = { failure: undefined, isWhole: false };
  const fail = (error: unknown): void => {
    state.failure ??= error instanceof CodedError ? error : corruptArchive(label, error);
  };
  const attempt = (run: () => void): void => {
    if (state.failure !== undefined) return;
    try {
      run();
    } catch (error) {
      fail(error);
    }
  };
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      attempt(() => checkEntry(entry, members));
      const chunks: Buffer[] = [];
      if (state.failure === undefined) entry.on("data", (chunk: Buffer) => chunks.push(chunk));
      else entry.resume();
      entry.on("end", () => attempt(() => addEntry(entry, Buffer.concat(chunks), members)));
    },
  });
  parser.on("error", fail);
  parser.on("end", () => (state.isWhole = true));
  await expand(tarball, {
    onChunk: (chunk, compressed) => {
      members.countBytes(chunk.length, compressed);
      parser.write(chunk);
      if (state.failure !== undefined) throw state.failure;
    },
  }).catch(fail);
  if (state.failure === undefined) parser.end();
  if (state.failure !== undefined) throw state.failure;
  if (!state.isWhole || members.files.size === 0) throw corruptArchive(label, undefined);
  return members.files;
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
