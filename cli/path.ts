import { statSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";

/** A path as a person typed it, `~` included, made absolute. */
export function absolutePath(path: string, cwd: string): string {
  return path === "~" || path.startsWith("~/") ? resolve(homedir(), path.slice(2)) : resolve(cwd, path);
}

/** What lies at a path as typed. */
export function kindAt(path: string, cwd: string): "directory" | "file" | undefined {
  const found = statSync(absolutePath(path, cwd), { throwIfNoEntry: false });
  if (found?.isDirectory() === true) return "directory";
  return found?.isFile() === true ? "file" : undefined;
}
