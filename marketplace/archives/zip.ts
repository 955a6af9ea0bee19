import { crc32 } from "node:zlib";
import { type Entry, fromBufferPromise, type LocalFileHeader, type ZipFile } from "yauzl";
import { CodedError } from "../../schemas/errors.ts";
import { type ArchiveFile, type ArchiveLimits, corruptArchive, Members } from "./members.ts";

/** A member whose headers were believed. */
interface CheckedEntry {
  readonly entry: Entry;
  readonly name: string;
  readonly isDirectory: boolean;
  readonly executable: boolean;
  /** The part of the archive that is this member's alone. */
  readonly start: number;
  readonly end: number;
}

/**
 * Unpacks a zip into memory. All headers are looked at before any content: both headers of a member must agree, members may not share bytes,
 * and links are refused. Throws `E_ARCHIVE_LINK`, `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_ARCHIVE_CORRUPT` and `E_LIMIT_…` (attacks.md AX01 to
 * AX24); what names may look like, the store checks.
 */
export async function unpackZip(
  bytes: Uint8Array,
  label: string,
  limits: ArchiveLimits,
): Promise<ReadonlyMap<string, ArchiveFile>> {
  const members = new Members(label, limits);
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), {
      lazyEntries: true,
      decodeStrings: false,
      validateEntrySizes: true,
    });
    const checked: CheckedEntry[] = [];
    for await (const entry of zip.eachEntry()) {
      members.countEntry();
      checked.push(checkEntry(entry, await zip.readLocalFileHeaderPromise(entry), members, label));
    }
    checkPlaces(checked, label);
    let compressed = 0;
    for (const one of checked) {
      compressed += one.entry.compressedSize;
      if (one.isDirectory) members.addDirectory(one.name);
      else {
        members.countFile(one.name, one.entry.uncompressedSize);
        const content = await contentOf(zip, one, (count) => members.countBytes(count, compressed));
        if (crc32(content) !== one.entry.crc32)
          throw corruptArchive(label, undefined, "has a member with a wrong checksum");
        members.addFile(one.name, { bytes: content, executable: one.executable });
      }
    }
  } catch (error) {
    throw error instanceof CodedError ? error : corruptArchive(label, error);
  }
  if (members.files.size === 0) throw corruptArchive(label, undefined, "is empty");
  return members.files;
}

const TYPE_BITS = 0o170000;
const [REGULAR, DIRECTORY, LINK] = [0o100000, 0o040000, 0o120000];
const DOS_REPARSE_POINT = 0x400;
const SIZES_FOLLOW = 0x8;

function checkEntry(entry: Entry, local: LocalFileHeader, members: Members, label: string): CheckedEntry {
  const name = decoded(entry.fileNameRaw);
  if (name === undefined)
    throw members.refusal("E_ARCHIVE_PATH", entry.fileNameRaw.toString("latin1"), "has a name that is not UTF-8");
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & TYPE_BITS;
  if (type === LINK || (entry.externalFileAttributes & DOS_REPARSE_POINT) !== 0)
    throw members.refusal("E_ARCHIVE_LINK", name, "is a link");
  if (type !== 0 && type !== REGULAR && type !== DIRECTORY)
    throw members.refusal("E_ARCHIVE_TYPE", name, "is neither a file nor a directory");
  if (entry.isEncrypted()) throw members.refusal("E_ARCHIVE_TYPE", name, "is encrypted");
  const isDirectory = name.endsWith("/") || type === DIRECTORY;
  if (isDirectory && entry.uncompressedSize > 0)
    throw members.refusal("E_ARCHIVE_TYPE", name, "is a directory with content");
  const agree =
    local.fileName.equals(entry.fileNameRaw) &&
    local.compressionMethod === entry.compressionMethod &&
    local.generalPurposeBitFlag === entry.generalPurposeBitFlag &&
    ((local.generalPurposeBitFlag & SIZES_FOLLOW) !== 0 ||
      (local.crc32 === entry.crc32 &&
        sameSize(local.compressedSize, entry.compressedSize) &&
        sameSize(local.uncompressedSize, entry.uncompressedSize)));
  if (!agree) throw corruptArchive(label, undefined, "has a member whose two headers do not agree");
  return {
    entry,
    name,
    isDirectory,
    executable: (mode & 0o111) !== 0,
    start: entry.relativeOffsetOfLocalHeader,
    end: local.fileDataStart + entry.compressedSize,
  };
}

/** Of a size that needs 64 bits the local header has a mark only. */
function sameSize(local: number, central: number): boolean {
  return local === central || local === 0xffffffff;
}

/** Members lie one behind the other from the first byte on: nothing is hidden between or before them, and none is counted twice. */
function checkPlaces(checked: readonly CheckedEntry[], label: string): void {
  let end = 0;
  for (const one of checked.toSorted((left, right) => left.start - right.start)) {
    if (one.start < end) throw corruptArchive(label, undefined, "has members that share bytes");
    if (end === 0 && one.start !== 0) throw corruptArchive(label, undefined, "has something before its first member");
    ({ end } = one);
  }
}

async function contentOf(zip: ZipFile, { entry }: CheckedEntry, onBytes: (count: number) => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const stream = await zip.openReadStreamPromise(entry);
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    onBytes(bytes.length);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function decoded(raw: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
