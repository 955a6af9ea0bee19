import type { Message, SessionOptions } from "plugsmith/plugin-api";

/** The version of the format that is written; N reads N-1 and refuses N+1. */
export const FORMAT_VERSION = 1;

/** The first line of a file: what never changes about a session. */
export interface StartEntry {
  readonly type: "start";
  readonly version: number;
  readonly id: string;
  readonly at: string;
  readonly projectDirectory: string;
  readonly agentPath: readonly string[];
  readonly tools?: readonly string[] | undefined;
  readonly parent?: string | undefined;
  readonly options: SessionOptions;
}

/** One line of a file. Kinds that a reader does not know are left alone: a newer minor form may add some. */
export type Entry =
  | StartEntry
  | { readonly type: "message"; readonly at: string; readonly message: Message }
  | { readonly type: "system"; readonly system: readonly string[] }
  | { readonly type: "options"; readonly options: SessionOptions }
  | { readonly type: "directory"; readonly directory: string }
  | { readonly type: "note"; readonly key: string; readonly data: unknown }
  | { readonly type: "end"; readonly at: string };

/** Reads a line; `undefined` for one that is torn or no entry. */
export function readEntry(line: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // Lines were written by `SessionFile` of this or the version before; the kind is what can tell them apart.
    return typeof value === "object" && value !== null && "type" in value ? (value as Entry) : undefined;
  } catch {
    return undefined;
  }
}
