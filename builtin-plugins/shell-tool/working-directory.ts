import { readFileSync, realpathSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Session, Settings, Workspace } from "plugsmith/plugin-api";

/** How the shell of a command ended, as it wrote down itself. */
export interface ShellEnd {
  readonly code: number;
  /** Real path; absent when it was removed. */
  readonly directory: string | undefined;
}

/** A script that runs a command and leaves its exit code and the directory it ended in in a file. */
export function trackedScript(command: string, file: string): string {
  const place = quoted(file);
  return `trap ${quoted(`echo "$?" >${place}; pwd -P >>${place} 2>/dev/null`)} EXIT; ${command}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `undefined` as long as the shell did not say, e.g. because it runs, was killed or replaced itself. */
export function readShellEnd(file: string): ShellEnd | undefined {
  try {
    const [code = "", directory = ""] = readFileSync(file, "utf8").split("\n");
    return /^\d+$/u.test(code) ? { code: Number(code), directory: folderOr(directory) } : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}

function folderOr(path: string): string | undefined {
  if (path === "") return undefined;
  const real = realOr(path);
  return statSync(real, { throwIfNoEntry: false })?.isDirectory() === true ? real : undefined;
}

/** Whether a session may work in a directory: below its project or a folder that was added. */
export function isWorkingFolder(
  directory: string,
  session: Session,
  workspace: Workspace,
  settings: Settings | undefined,
): boolean {
  const added = (settings?.layers("permissions") ?? []).flatMap(({ value }) =>
    folders(value).map((folder) =>
      resolve(session.projectDirectory, folder.replace(/^~(?=\/|$)/u, workspace.homeDirectory)),
    ),
  );
  return [session.projectDirectory, workspace.projectDirectory, ...added].some((folder) => {
    const real = realOr(folder);
    return directory === real || directory.startsWith(real.endsWith(sep) ? real : real + sep);
  });
}

function folders(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null || !("additionalDirectories" in value)) return [];
  const list = value.additionalDirectories;
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

function realOr(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (error instanceof Error && "code" in error) return path;
    throw error;
  }
}
