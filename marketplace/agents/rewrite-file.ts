import { realpathSync, statSync } from "node:fs";
import { ioError, isSystemError } from "../store/io-error.ts";
import { writeDurableFile } from "../store/durable-file.ts";

/**
 * Writes a file of somebody else anew: a link to it stays one, and who may read it stays as it was, because keys stand in
 * some. Throws `E_IO`.
 */
export function rewriteFile(file: string, text: string): void {
  try {
    const real = realpathSync(file);
    writeDurableFile(real, text, { mode: statSync(real).mode & 0o777, exactMode: true });
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw isSystemError(error) ? ioError("write", file, error) : error;
    writeDurableFile(file, text);
  }
}
