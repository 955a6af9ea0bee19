import type { Digest } from "../../schemas/lockfile.ts";
import { CodedError } from "../../schemas/errors.ts";

/** One file that a commit changes. */
export interface FileChange {
  /** Absolute. */
  readonly path: string;
  /** The digest of the bytes that the change was computed from. */
  readonly before: Digest | "absent";
  /** The new text; `undefined` deletes the file. */
  readonly after: string | undefined;
}

/** What an interrupted commit needs to be finished. */
export interface Journal {
  readonly schema: 1;
  readonly generation: number;
  readonly files: readonly FileChange[];
}

/** The text of a journal file. */
export function writeJournal(journal: Journal): string {
  return `${JSON.stringify(journal)}\n`;
}

/** Reads a journal file. Throws `E_STATE_CORRUPT`, and `E_SCHEMA_NEWER` when a newer Plugsmith wrote it. */
export function readJournal(text: string, file: string): Journal {
  const value = parse(text, file);
  if (typeof value !== "object" || value === null || !("schema" in value)) throw damaged(file);
  if (typeof value.schema === "number" && value.schema > 1) {
    throw new CodedError("E_SCHEMA_NEWER", `\`${file}\` was written by a newer Plugsmith`, {
      where: file,
      hint: "run the newer Plugsmith once, it finishes its interrupted change",
    });
  }
  if (value.schema !== 1 || !("generation" in value) || !("files" in value)) throw damaged(file);
  const { generation, files } = value;
  if (typeof generation !== "number" || !Number.isSafeInteger(generation) || !Array.isArray(files)) throw damaged(file);
  return { schema: 1, generation, files: files.map((change) => fileChange(change, file)) };
}

function fileChange(value: unknown, file: string): FileChange {
  if (typeof value !== "object" || value === null || !("path" in value) || !("before" in value)) throw damaged(file);
  const { path, before } = value;
  const after = "after" in value ? value.after : undefined;
  if (typeof path !== "string" || typeof before !== "string") throw damaged(file);
  if (after !== undefined && typeof after !== "string") throw damaged(file);
  if (!isBefore(before)) throw damaged(file);
  return { path, before, after };
}

function isBefore(text: string): text is FileChange["before"] {
  return text === "absent" || text.startsWith("sha256-");
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function damaged(file: string, cause?: unknown): CodedError {
  return new CodedError("E_STATE_CORRUPT", `the journal \`${file}\` is damaged`, { where: file, cause });
}
