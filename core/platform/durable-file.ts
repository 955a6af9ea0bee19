import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { ioError } from "../../schemas/system-error.ts";

/** How a file is replaced. */
export interface ReplaceOptions {
  /** Default 0600: private. */
  readonly mode?: number | undefined;
  /** Default `<file>.new`; one of its own is for writers that do not hold the home. */
  readonly temporary?: string | undefined;
}

/**
 * Replaces a file by a private one so that a reader, and a power failure, find either the old content or the new.
 * The caller holds the home: two writers of one file would share the temporary name. Throws `E_IO`.
 */
export function replaceFile(file: string, text: string, options: ReplaceOptions = {}): void {
  const directory = dirname(file);
  const { mode = 0o600, temporary = `${file}.new` } = options;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    rmSync(temporary, { force: true });
    withDescriptor(temporary, "wx", (descriptor) => {
      // Beyond what the umask lets through: the file had this mode.
      if (options.mode !== undefined) fchmodSync(descriptor, mode);
      writeAll(descriptor, Buffer.from(text));
      fsyncSync(descriptor);
    });
    renameSync(temporary, file);
    syncDirectory(directory);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw ioError("write", file, error);
  }
}

/** Makes the names in a directory durable, where the system can. Throws the system call that failed. */
export function syncDirectory(directory: string): void {
  if (process.platform !== "win32") withDescriptor(directory, "r", fsyncSync);
}

/** Writes every byte; a short write, as on a full disk, goes on until the system names the reason. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

function withDescriptor(path: string, flags: string, use: (descriptor: number) => void): void {
  const descriptor = openSync(path, flags, 0o600);
  try {
    use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
