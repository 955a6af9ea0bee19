import { gunzipSync } from "node:zlib";
import { Parser, type ReadEntry } from "tar";
import { CodedError } from "../../schemas/errors.ts";
import { parseTreePath } from "../../schemas/tree-path.ts";
import { quoted } from "../store/member-rules.ts";

/** One file of a package. */
export interface PackageFile {
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/**
 * Unpacks the tarball of a package into memory, without the folder that everything in it lies in. `label` names it in messages.
 * Throws `E_ARCHIVE_LINK`, `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_ARCHIVE_CORRUPT` and `E_LIMIT_SIZE` (attacks.md AX01 to AX21);
 * what names may look like, the store checks.
 */
export function unpackPackage(tarball: Uint8Array, label: string, maxBytes: number): ReadonlyMap<string, PackageFile> {
  const files = new Map<string, PackageFile>();
  const directories = new Set<string>();
  let failure: CodedError | undefined;
  const take = (entry: ReadEntry): void => {
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () => {
      try {
        addEntry(entry, Buffer.concat(chunks), label, files, directories);
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        failure ??= error;
      }
    });
  };
  const parser = new Parser({ strict: true, onReadEntry: take });
  parser.on("error", (error: Error) => (failure ??= corrupt(label, error)));
  let isWhole = false;
  parser.on("end", () => (isWhole = true));
  parser.end(unzipped(tarball, label, maxBytes));
  if (failure !== undefined) throw failure;
  if (!isWhole || files.size === 0) throw corrupt(label, undefined);
  return files;
}

function unzipped(tarball: Uint8Array, label: string, maxBytes: number): Buffer {
  try {
    return gunzipSync(tarball, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new CodedError("E_LIMIT_SIZE", `the package ${label} unpacks to more than ${maxBytes} bytes`, {
        hint: "leave it out of the plugin",
        cause: error,
      });
    }
    throw corrupt(label, error);
  }
}

function addEntry(
  entry: ReadEntry,
  bytes: Uint8Array,
  label: string,
  files: Map<string, PackageFile>,
  directories: Set<string>,
): void {
  if (entry.type === "Directory" || entry.type === "GNUDumpDir") return;
  const refuse = (code: "E_ARCHIVE_LINK" | "E_ARCHIVE_TYPE" | "E_ARCHIVE_PATH", why: string): never => {
    throw new CodedError(code, `the package ${label} holds ${quoted(entry.path)}, which ${why}`, {
      hint: "leave the package out of the plugin, or use another version of it",
    });
  };
  if (entry.type === "SymbolicLink" || entry.type === "Link") refuse("E_ARCHIVE_LINK", "is a link");
  if (entry.type !== "File" && entry.type !== "OldFile" && entry.type !== "ContiguousFile")
    refuse("E_ARCHIVE_TYPE", "is neither a file nor a directory");
  const parsed = parseTreePath(entry.path);
  if (!("path" in parsed)) return refuse("E_ARCHIVE_PATH", parsed.problem.why);
  const path = parsed.path.split("/").slice(1).join("/");
  if (path === "") return refuse("E_ARCHIVE_PATH", "lies outside the folder of the package");
  if (files.has(path) || directories.has(path)) refuse("E_ARCHIVE_PATH", "occurs twice");
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const parent = path.slice(0, slash);
    if (files.has(parent)) refuse("E_ARCHIVE_PATH", "lies below a file");
    directories.add(parent);
  }
  files.set(path, { bytes, executable: ((entry.mode ?? 0) & 0o111) !== 0 });
}

function corrupt(label: string, cause: unknown): CodedError {
  return new CodedError("E_ARCHIVE_CORRUPT", `the tarball of the package ${label} is damaged`, {
    hint: "its author has to publish it again",
    ...(cause === undefined ? {} : { cause }),
  });
}
