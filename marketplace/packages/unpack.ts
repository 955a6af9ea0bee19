import { type ArchivedFile, readArchive } from "../archive/read-archive.ts";

/** One file of a package. */
export type PackageFile = ArchivedFile;

/** More members than this no plugin's tree may have. */
const MAX_ENTRIES = 100_000;

/**
 * Unpacks the tarball of a package into memory, without the folder that everything in it lies in. `label` names it in messages.
 * Throws what `readArchive` throws.
 */
export function unpackPackage(tarball: Uint8Array, label: string, maxBytes: number): ReadonlyMap<string, PackageFile> {
  return readArchive(tarball, {
    what: `the package ${label}`,
    refusedHint: "leave the package out of the plugin, or use another version of it",
    damagedHint: "its author has to publish it again",
    folder: true,
    compressed: true,
    maxBytes,
    maxEntries: MAX_ENTRIES,
  });
}
