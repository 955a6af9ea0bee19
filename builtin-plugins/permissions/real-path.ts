import fs from "node:fs";
import path from "node:path";
import { realPath as follow } from "plugsmith/plugin-api";

/** The canonical path of a file that may not exist yet. */
export function realPath(file: string): string {
  return follow(file, { fs, path });
}
