import { accessSync, constants, statSync } from "node:fs";
import { posix, win32 } from "node:path";

/** What a search for programs depends on. */
export interface SearchPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/** The first program of that name on the search path of an environment; `undefined` when there is none that can be started. */
export function programOnPath(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  return programPaths(name, { environment, platform: process.platform }).find(isProgram);
}

/**
 * Where a program of that name may lie, in the order in which they count. On Windows a name without an ending of `PATHEXT`
 * means the files with one, as npm's `.cmd`, and names of variables have no case.
 */
export function programPaths(name: string, { environment, platform }: SearchPlace): readonly string[] {
  const isWindows = platform === "win32";
  const { delimiter, join } = isWindows ? win32 : posix;
  const variable = (key: string): string | undefined =>
    isWindows ? Object.entries(environment).find(([one]) => one.toUpperCase() === key)?.[1] : environment[key];
  const folders = (variable("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  const endings = isWindows ? endingsOf(name, variable("PATHEXT")) : [""];
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending)));
}

function endingsOf(name: string, written: string | undefined): readonly string[] {
  const endings = (written ?? ".COM;.EXE;.BAT;.CMD")
    .split(";")
    .filter((ending) => ending.startsWith("."))
    .map((ending) => ending.toLowerCase());
  return endings.includes(win32.extname(name).toLowerCase()) ? [""] : endings;
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
