import { randomUUID } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NamedFile } from "./folders.ts";

const MODE_BITS = 0o7777;

/** Puts new bytes in a file's place at once: a reader sees the old ones or the new ones, and a crash leaves either. Its mode is kept. */
export function writeAtomically({ real, stats }: NamedFile, bytes: Uint8Array): void {
  // A rename would replace a file that is closed to us.
  if (stats !== undefined) accessSync(real, constants.W_OK);
  const folder = dirname(real);
  mkdirSync(folder, { recursive: true });
  const temporary = join(folder, `.${basename(real).slice(0, 100)}.${randomUUID()}.tmp`);
  try {
    const handle = openSync(temporary, "wx", 0o666);
    try {
      writeFileSync(handle, bytes);
      if (stats !== undefined) fchmodSync(handle, stats.mode & MODE_BITS);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, real);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  syncFolder(folder);
}

/** Makes the rename itself durable; Windows does not open folders. */
function syncFolder(folder: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(folder, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
