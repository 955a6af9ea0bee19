import { realpathSync } from "node:fs";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** A path with every link followed; `undefined` when nothing is there. Throws `E_IO`. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw ioError("resolve", path, error);
  }
}
