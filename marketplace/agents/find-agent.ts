import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { programOnPath } from "./program-on-path.ts";
import { AGENT_PROGRAMS } from "./programs.ts";
import type { FoundAgent, Machine } from "./target.ts";

/** How far above a program its package's `package.json` is looked for. */
const MAX_LEVELS = 4;

/** Finds an agent by its program on the search path. `packages` are the npm packages it comes as, which tell its version. */
export function findProgram(
  machine: Machine,
  name: keyof typeof AGENT_PROGRAMS,
  packages: RegExp,
  folder: string,
): FoundAgent | undefined {
  const program = programOnPath(machine.environment, AGENT_PROGRAMS[name]);
  return program === undefined ? undefined : { program, version: packageVersion(program, packages), folder };
}

/** Finds an agent that is known by its folder alone. */
export function findFolder(folder: string): FoundAgent | undefined {
  return isDirectory(folder) ? { folder } : undefined;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function packageVersion(program: string, packages: RegExp): string | undefined {
  try {
    let directory = dirname(realpathSync(program));
    for (let level = 0; level < MAX_LEVELS; level += 1, directory = dirname(directory)) {
      const version = versionIn(join(directory, "package.json"), packages);
      if (version !== undefined) return version;
    }
    return undefined;
  } catch {
    // A version is a courtesy; the program tells it itself when asked.
    return undefined;
  }
}

function versionIn(file: string, packages: RegExp): string | undefined {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (typeof content !== "object" || content === null || !("name" in content) || !("version" in content))
    return undefined;
  const { name, version } = content;
  return typeof name === "string" && packages.test(name) && typeof version === "string" ? version : undefined;
}
