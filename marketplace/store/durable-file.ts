import { closeSync, constants, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** Makes the names in a directory durable. */
export function syncDirectory(directory: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(directory, constants.O_RDONLY);
  } catch (error) {
    throw ioError("open", directory, error);
  }
  try {
    fsyncSync(descriptor);
  } catch (error) {
    // Some file systems have no sync of a directory; their names are durable with the file.
    if (!isSystemError(error, "EINVAL", "ENOTSUP")) throw ioError("make durable", directory, error);
  } finally {
    closeSync(descriptor);
  }
}

/** How a durable file is written. */
export interface DurableFileOptions {
  /** Where the new text is written first, in the same directory; default `<path>.new`. */
  readonly temporary?: string | undefined;
  /** Permission bits; default 0644, both subject to the umask unless `exactMode`. */
  readonly mode?: number | undefined;
  readonly exactMode?: boolean | undefined;
  /** Leaves the sync of the directory to the caller. */
  readonly directoryLater?: boolean | undefined;
}

/**
 * Replaces a file so that after any crash it has its old or its new text, which may come in parts, never a mixture.
 * The temporary file is created anew and never followed when it is a link; the caller sees to it that it alone writes there.
 */
export function writeDurableFile(
  path: string,
  text: string | readonly string[],
  options: DurableFileOptions = {},
): void {
  const temporary = options.temporary ?? `${path}.new`;
  const mode = options.mode ?? 0o644;
  try {
    rmSync(temporary, { force: true });
    const descriptor = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, mode);
    try {
      for (const part of typeof text === "string" ? [text] : text) writeFileSync(descriptor, part);
      if (options.exactMode === true) fchmodSync(descriptor, mode);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw ioError("write", path, error);
  }
  if (options.directoryLater !== true) syncDirectory(dirname(path));
}
