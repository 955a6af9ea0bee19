import { readFileSync, realpathSync, rmSync, statSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { Session, Settings, Workspace } from "plugsmith/plugin-api";

/** A script that runs a command and leaves the directory it ended in in a file. */
export function trackedScript(command: string, file: string): string {
  return `trap ${quoted(`pwd -P >${quoted(file)} 2>/dev/null`)} EXIT; ${command}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Where the command ended; `undefined` when it did not say, e.g. because it was killed. */
export function takeDirectory(file: string): string | undefined {
  try {
    const directory = realpathSync(readFileSync(file, "utf8").replace(/\n$/u, ""));
    return statSync(directory).isDirectory() ? directory : undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  } finally {
    rmSync(file, { force: true });
  }
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
  // An agent in a copy of the project stays in it.
  const started = session.isIsolated === true ? [] : [workspace.projectDirectory];
  const own = session.options.additionalDirectories ?? [];
  return [session.projectDirectory, ...started, ...own, ...added].some((folder) => {
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
