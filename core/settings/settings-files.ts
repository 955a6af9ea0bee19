import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SettingsLayer } from "../../plugin-api/services/settings.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";

/** A file that settings may stand in. */
export interface SettingsPlace {
  readonly layer: Exclude<SettingsLayer, "managed" | "flags">;
  readonly file: string;
}

const GIT_DEADLINE_MS = 5_000;

/** The files of people and projects, strongest first; of one layer ours before the one that other agents read too. */
export function settingsPlaces({
  plugsmithHome,
  homeDirectory,
  projectDirectory,
}: Workspace): readonly SettingsPlace[] {
  const user: readonly SettingsPlace[] = [
    { layer: "user", file: join(plugsmithHome, "settings.json") },
    { layer: "user", file: join(homeDirectory, ".claude", "settings.json") },
  ];
  const own = new Set(user.map(({ file }) => file));
  const project: readonly SettingsPlace[] = [
    { layer: "local", file: join(projectDirectory, ".plugsmith", "settings.local.json") },
    { layer: "local", file: join(projectDirectory, ".claude", "settings.local.json") },
    { layer: "project", file: join(projectDirectory, ".plugsmith", "settings.json") },
    { layer: "project", file: join(projectDirectory, ".claude", "settings.json") },
  ];
  // Where the person's home is the project, its files are the person's.
  return [...project.filter(({ file }) => !own.has(file)), ...user];
}

/** The text of a regular file; `undefined` when there is none. Throws `E_IO`. */
export function readSettingsText(file: string): string | undefined {
  try {
    // Reading a pipe would never end.
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(file, "utf8") : undefined;
  } catch (error) {
    if (isSystemError(error) && (error.code === "ENOENT" || error.code === "ENOTDIR")) return undefined;
    throw ioError("read", file, error);
  }
}

/**
 * Whether a repository brings this file, which then counts as the project's (formats.md §8.4). Runs `git` without the
 * repository's hooks or monitors, and only in a workspace that is trusted; where `git` gives no answer it counts as tracked.
 */
export function isTracked(file: string, { projectDirectory, environment }: Workspace): boolean {
  if (!hasRepository(projectDirectory)) return false;
  const { status } = spawnSync(
    "git",
    ["-c", "core.fsmonitor=false", "-C", projectDirectory, "ls-files", "--error-unmatch", "--", file],
    {
      env: {
        PATH: environment["PATH"] ?? "/usr/bin:/bin",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        GIT_OPTIONAL_LOCKS: "0",
      },
      stdio: "ignore",
      timeout: GIT_DEADLINE_MS,
    },
  );
  return status !== 1;
}

function hasRepository(directory: string): boolean {
  for (let folder = directory; ; folder = dirname(folder)) {
    if (lstatSync(join(folder, ".git"), { throwIfNoEntry: false }) !== undefined) return true;
    if (folder === dirname(folder)) return false;
  }
}
