import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ioError, isSystemError } from "../../../schemas/system-error.ts";

/** Names of the folders below one, links to folders included, sorted; none when it does not exist. Throws `E_IO`. */
export function folderNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter(
        (name) => !name.startsWith(".") && statSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory(),
      )
      .sort();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw ioError("read", directory, error);
  }
}

/** Whether a folder is a plugin that can be added where it lies. */
export function isPluginFolder(folder: string): boolean {
  return [".claude-plugin/plugin.json", "plugin.json", "SKILL.md"].some((file) => existsSync(join(folder, file)));
}
