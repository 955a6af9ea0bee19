import { realpathSync } from "node:fs";
import { isSystemError } from "../store/io-error.ts";

/** A path with every link followed; `undefined` when nothing is there. */
export function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}
