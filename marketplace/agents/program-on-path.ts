import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The first program of that name on a search path; `undefined` when there is none that can be started. */
export function programOnPath(path: string | undefined, name: string): string | undefined {
  return (path ?? "")
    .split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, name))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Whatever is wrong with it, it cannot be started.
    return false;
  }
}
