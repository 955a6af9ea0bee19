import { CodedError } from "../../schemas/errors.ts";
import { type ArchiveFile, PLUGIN_LIMITS } from "../archives/members.ts";
import { unpackTarball } from "../archives/tarball.ts";
import { quoted } from "../store/member-rules.ts";

/** One file of a package. */
export type PackageFile = ArchiveFile;

/**
 * Unpacks the tarball of a package into memory, without the folder that everything in it lies in. `label` names it in messages.
 * Throws what `unpackTarball` throws.
 */
export async function unpackPackage(
  tarball: Uint8Array,
  label: string,
  maxBytes: number,
): Promise<ReadonlyMap<string, PackageFile>> {
  const limits = { ...PLUGIN_LIMITS, totalBytes: maxBytes };
  const unpacked = await unpackTarball(tarball, `the package ${label}`, limits);
  const files = new Map<string, PackageFile>();
  for (const [path, file] of unpacked) {
    const own = path.split("/").slice(1).join("/");
    const problem = own === "" ? "lies outside the folder of the package" : files.has(own) ? "occurs twice" : undefined;
    if (problem !== undefined) {
      throw new CodedError("E_ARCHIVE_PATH", `the package ${label} holds ${quoted(path)}, which ${problem}`, {
        hint: "use another version of it, or tell its author",
      });
    }
    files.set(own, file);
  }
  return files;
}
