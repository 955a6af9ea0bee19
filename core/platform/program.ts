import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";
import type { ProcessRequest } from "../../plugin-api/services/processes.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import { isWithin, realOr } from "./real-path.ts";

/** The file behind a command, or why there is none. */
export type FoundProgram = { readonly file: string } | { readonly problem: string; readonly hint: string };

/**
 * Finds the file that a command means: an absolute path, a path inside the plugin's directory, or a name on the `PATH` of its
 * environment. Relative folders on `PATH` are skipped, and those of a workspace that nobody trusts (attacks.md PR15).
 */
export function findProgram(
  { command, plugin, environment }: Pick<ProcessRequest, "command" | "plugin" | "environment">,
  { trusted, projectDirectory }: Pick<Workspace, "trusted" | "projectDirectory">,
): FoundProgram {
  if (command === "") return { problem: "its name is empty", hint: "name a program" };
  if (process.platform === "win32") return { file: command };
  if (isAbsolute(command)) return { file: command };
  if (command.includes("/")) {
    const file = resolve(plugin.directory, command);
    return isWithin(file, plugin.directory)
      ? { file }
      : { problem: "it lies outside the plugin's folder", hint: "name it by its absolute path, or put it on `PATH`" };
  }
  const places = (environment["PATH"] ?? "").split(":").filter((place) => isAbsolute(place));
  // A link into a workspace is as good as the workspace.
  const usable = places.filter((place) => trusted || !isWithin(realOr(place), projectDirectory));
  const files = usable.map((place) => join(place, command)).filter(isFile);
  const file = files.find(isExecutable) ?? files[0];
  if (file !== undefined) return { file };
  const hidden = places.some((place) => !usable.includes(place) && isFile(join(place, command)));
  return hidden
    ? { problem: "only a workspace that nobody trusts has it", hint: "trust the workspace: `plugin trust`" }
    : { problem: "no folder on `PATH` has it", hint: `install \`${command}\`, or put it on \`PATH\`` };
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  } catch {
    // What may not be looked at cannot be started either.
    return false;
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
