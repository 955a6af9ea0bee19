import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, sep } from "node:path";
import type { Home } from "../home.ts";
import { realPath } from "../store/real-path.ts";

/** A directory with one of these is a project. */
const MARKERS = ["plugins.json", ".plugsmith", ".git"];

/**
 * The real path of the nearest directory at or above `cwd` that is a project; `undefined` when there is none.
 * The person's own directory and what lies above it is never one, nor is anything inside the home.
 */
export function findProjectRoot(cwd: string, home: Home, person: string = homedir()): string | undefined {
  const start = realPath(cwd);
  if (start === undefined) return undefined;
  const inside = (path: string, directory: string): boolean => path === directory || path.startsWith(directory + sep);
  const homeDirectory = realPath(home.directory) ?? home.directory;
  const personDirectory = realPath(person) ?? person;
  if (inside(start, homeDirectory)) return undefined;
  for (let directory = start; ; directory = dirname(directory)) {
    if (inside(personDirectory, directory)) return undefined;
    const isProject = MARKERS.some((marker) => {
      const path = join(directory, marker);
      return path !== homeDirectory && lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    });
    if (isProject) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}
