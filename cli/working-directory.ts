import { statSync } from "node:fs";
import { resolve } from "node:path";
import { CodedError } from "../schemas/errors.ts";

/** The directory that `--cwd` names, absolute; `current` without it. Throws `E_USAGE` for what is no directory. */
export function workingDirectory(asked: string | undefined, current: string): string {
  if (asked === undefined) return current;
  const directory = resolve(current, asked);
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CodedError("E_USAGE", `\`--cwd ${asked}\` is not a directory`, { hint: "name one that exists" });
  }
  return directory;
}
