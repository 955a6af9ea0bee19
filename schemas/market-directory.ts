import type { MarketplaceSource } from "./source-spec.ts";

/** The directory that a local marketplace's relative sources start from; `undefined` for one that comes from elsewhere. */
export function marketDirectory(source: MarketplaceSource): string | undefined {
  if (source.kind === "directory") return source.path;
  if (source.kind !== "file") return undefined;
  const directory = parentOf(source.path);
  return directory.endsWith("/.claude-plugin") ? parentOf(directory) : directory;
}

/** Whether an absolute path is a directory or lies in it, as both are written; links are not followed. */
export function isWithin(directory: string, path: string): boolean {
  if (/(?:^|\/)\.\.(?:\/|$)/.test(path)) return false;
  const start = directory.endsWith("/") ? directory : `${directory}/`;
  return path === directory || path.startsWith(start);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 1));
}
