import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/** The shell that commands are written for: bash, else the person's own, else `sh`. */
export function findShell(environment: Readonly<Record<string, string>>): string {
  const folders = [...(environment["PATH"] ?? "").split(delimiter), "/bin", "/usr/bin"].filter((folder) =>
    isAbsolute(folder),
  );
  const own = environment["SHELL"];
  const candidates = [...folders.map((folder) => join(folder, "bash")), ...(own === undefined ? [] : [own])];
  return candidates.find(isExecutable) ?? "/bin/sh";
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}
