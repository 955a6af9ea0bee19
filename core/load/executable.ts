import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import type { FileTree } from "../../schemas/formats/file-tree.ts";

/** Placeholders for the plugin's own directory at the start of a command (formats.md §1.6). */
const PLUGIN_ROOT = /^\$\{(?:CLAUDE_PLUGIN_ROOT|PLUGIN_ROOT)\}[/\\]/;

/** Looks for the programs that plugins start; remembers what it found on the search path. */
export class ExecutableFinder {
  readonly #directories: readonly string[];
  readonly #found = new Map<string, boolean>();

  /** `searchPath` is the value of `PATH`; its relative directories are left out (attacks.md PR15). */
  constructor(searchPath: string) {
    this.#directories = searchPath.split(delimiter).filter((directory) => isAbsolute(directory));
  }

  /** Whether a command can be started; `true` also when only a running host can tell, because it holds a variable. */
  has(command: string, tree: FileTree): boolean {
    const inside = command.replace(PLUGIN_ROOT, "");
    if (inside.includes("${")) return true;
    if (inside !== command) return tree.stat(inside)?.kind === "file";
    if (isAbsolute(command)) return isExecutable(command);
    if (command.includes("/")) return tree.stat(command.replace(/^\.\//, ""))?.kind === "file";
    const known = this.#found.get(command);
    if (known !== undefined) return known;
    const found = this.#directories.some((directory) => isExecutable(join(directory, command)));
    this.#found.set(command, found);
    return found;
  }
}

function isExecutable(file: string): boolean {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    // What cannot even be looked at cannot be started.
    return false;
  }
}
