import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { readEntry, type Entry } from "./entry.ts";
import { isMissing } from "./session-error.ts";

/** One recorded session of a directory. */
export interface ListedSession {
  readonly id: string;
  readonly updatedAt: string;
  /** The beginning of the first prompt. */
  readonly title: string;
}

const KEY_CHARACTERS = 40;
const HASH_CHARACTERS = 12;
const HEAD_BYTES = 64 * 1024;
const TITLE_CHARACTERS = 80;
const SESSION_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Where the sessions of a project lie: `<home>/sessions/<end of its path>-<hash of its path>/<id>.jsonl`. */
export class SessionStore {
  readonly #root: string;

  constructor(plugsmithHome: string) {
    this.#root = join(plugsmithHome, "sessions");
  }

  fileOf(projectDirectory: string, id: string): string {
    return join(this.#folder(projectDirectory), `${id}.jsonl`);
  }

  lockOf(projectDirectory: string, id: string): string {
    return join(this.#folder(projectDirectory), "locks", id);
  }

  /** Whether a text can be the id of a session, and so the name of a file. */
  isId(text: string): boolean {
    return SESSION_ID.test(text);
  }

  /** Conversations with a person, newest first; those of agents are left out, and files that are no sessions. */
  list(projectDirectory: string): readonly ListedSession[] {
    const folder = this.#folder(projectDirectory);
    return names(folder)
      .flatMap((name) => {
        const id = basename(name, ".jsonl");
        const path = join(folder, name);
        if (name === id || !this.isId(id)) return [];
        const head = headOf(path);
        if (head[0]?.type !== "start" || head[0].parent !== undefined) return [];
        return [{ id, at: statSync(path).mtimeMs, title: titleOf(head) }];
      })
      .sort((left, right) => right.at - left.at)
      .map(({ id, at, title }) => ({ id, updatedAt: new Date(at).toISOString(), title }));
  }

  #folder(projectDirectory: string): string {
    const hash = createHash("sha256").update(projectDirectory).digest("hex").slice(0, HASH_CHARACTERS);
    const readable = projectDirectory.replaceAll(/[^\w-]+/gu, "-").slice(-KEY_CHARACTERS);
    return join(this.#root, `${readable}-${hash}`);
  }
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** The entries at the beginning of a file. */
function headOf(path: string): readonly Entry[] {
  const descriptor = openSync(path, "r");
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const bytes = readSync(descriptor, buffer, 0, HEAD_BYTES, 0);
    return buffer
      .toString("utf8", 0, bytes)
      .split("\n")
      .flatMap((line) => readEntry(line) ?? []);
  } finally {
    closeSync(descriptor);
  }
}

function titleOf(head: readonly Entry[]): string {
  for (const entry of head) {
    if (entry.type !== "message") continue;
    const text = entry.message.content.find((block) => block.type === "text")?.text ?? "";
    const line = text.replaceAll(/\s+/gu, " ").trim();
    return line.length > TITLE_CHARACTERS ? `${line.slice(0, TITLE_CHARACTERS - 1)}…` : line;
  }
  return "";
}
