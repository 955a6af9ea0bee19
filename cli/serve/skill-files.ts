import { extname, join, posix } from "node:path";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { ServedText } from "./served-texts.ts";

/** Names every file of every skill's folder; those of a plugin's namesake end with its `?market=…`. */
export const SKILL_FILES = "skill://{plugin}/{skill}/{+path}";
const MAX_BYTES = 4 * 1024 * 1024;
/** Entries that are looked at to propose paths, and how deep. */
const MAX_ENTRIES = 2_000;
const MAX_DEPTH = 8;

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".md": "text/markdown",
  ".html": "text/html",
  ".css": "text/css",
  ".csv": "text/csv",
  ".json": "application/json",
  ".xml": "application/xml",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".jpg": "image/jpeg",
  ".jpeg": "image/jpeg",
  ".gif": "image/gif",
  ".webp": "image/webp",
  ".pdf": "application/pdf",
  ".zip": "application/zip",
};

/** A file of a skill's folder. */
export interface SkillFile {
  readonly text: ServedText;
  /** Relative to the folder, with `/`. */
  readonly path: string;
}

/** What of a file a client gets. */
export type FileContent =
  { readonly mimeType: string; readonly text: string } | { readonly mimeType: string; readonly blob: string };

/** The file that a URI names; `undefined` for a URI of no skill. Throws `E_NOT_FOUND` where its path leads out of the folder. */
export function skillFileOf(texts: Iterable<ServedText>, uri: string): SkillFile | undefined {
  const [place, query] = parts(uri);
  for (const text of texts) {
    const [folder, market] = parts(text.uri);
    if (text.kind !== "skill" || query !== market || !place.startsWith(`${folder}/`)) continue;
    const segments = place
      .slice(folder.length + 1)
      .split("/")
      .map(decoded);
    if (!segments.every(isName)) throw notFound(uri, "its path does not lead to a file in the skill's folder");
    return { text, path: segments.join("/") };
  }
  return undefined;
}

/** Reads a file; no link leads out of the folder. Throws `E_NOT_FOUND`, or `E_LIMIT_FILE` above 4 MB. */
export function readSkillFile({ text, path }: SkillFile, uri: string): FileContent {
  const tree = openDirectoryTree(folderOf(text));
  if (tree.stat(path)?.kind === "refused-link")
    throw notFound(uri, "a link in its path leads out of the skill's folder");
  const bytes = tree.read(path, MAX_BYTES);
  if (bytes === undefined) throw notFound(uri, "there is no such file");
  const written = bytes.includes(0) ? undefined : textOf(bytes);
  const known = MEDIA_TYPES[extname(path).toLowerCase()];
  return written === undefined
    ? { mimeType: known ?? "application/octet-stream", blob: Buffer.from(bytes).toString("base64") }
    : { mimeType: known ?? "text/plain", text: written };
}

/** Paths of files in a skill's folder that begin so, sorted; links are left out. */
export function skillPaths(text: ServedText, beginning: string): readonly string[] {
  const tree = openDirectoryTree(folderOf(text));
  const found: string[] = [];
  let left = MAX_ENTRIES;
  const walk = (below: string, depth: number): void => {
    for (const { name, kind } of tree.list(below) ?? []) {
      left -= 1;
      if (left < 0) return;
      const path = posix.join(below, name);
      if (kind === "file" && path.startsWith(beginning)) found.push(path);
      const leads = path.startsWith(beginning) || beginning.startsWith(`${path}/`);
      if (kind === "directory" && leads && depth < MAX_DEPTH) walk(path, depth + 1);
    }
  };
  walk("", 0);
  return found.sort();
}

function folderOf({ plugin, text }: ServedText): string {
  return join(plugin.directory, text.skillPath ?? "");
}

function parts(uri: string): readonly [string, string] {
  const at = uri.indexOf("?");
  return at === -1 ? [uri, ""] : [uri.slice(0, at), uri.slice(at)];
}

/** One step down: no step up, no drive, nothing that a system reads as several. */
function isName(segment: string | undefined): boolean {
  return segment !== undefined && !["", ".", ".."].includes(segment) && !/[\\/\0:]/u.test(segment);
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    // Half an escape names nothing.
    return undefined;
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    // Bytes that are no text go as bytes.
    return undefined;
  }
}

function notFound(uri: string, why: string): CodedError {
  return new CodedError("E_NOT_FOUND", `\`${uri}\` cannot be read: ${why}`, {
    hint: "name a file below the skill's folder, e.g. `references/guide.md`",
  });
}
