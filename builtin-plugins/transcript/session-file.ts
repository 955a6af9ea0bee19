import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { FORMAT_VERSION, readEntry, type Entry, type StartEntry } from "./entry.ts";
import { isMissing, SessionError } from "./session-error.ts";

/** What stands in a file. */
export interface Recorded {
  readonly start: StartEntry;
  readonly entries: readonly Entry[];
  /** Bytes up to the end of the last whole line. */
  readonly bytes: number;
  /** Whether a line that was never finished follows. */
  readonly torn: boolean;
}

/**
 * The file of one session: one JSON line an entry, each handed to the operating system before `write` returns, so that the death of
 * the process loses at most the line under way; `sync` and `close` make what is written safe against a power failure too.
 */
export class SessionFile {
  readonly path: string;
  #descriptor: number | undefined;
  /** Whether the folder may not know of the file yet. */
  #isNew: boolean;

  /** Creates the file with its first line, or goes on after `bytes` of what is there. */
  constructor(path: string, begin: { readonly start: StartEntry } | { readonly bytes: number }) {
    this.path = path;
    this.#isNew = "start" in begin;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if ("start" in begin) {
      this.#descriptor = openSync(path, "ax", 0o600);
      this.write(begin.start);
    } else {
      this.#descriptor = openSync(path, "a", 0o600);
      ftruncateSync(this.#descriptor, begin.bytes);
    }
  }

  /** Appends one line. Throws `SessionError` when the system refuses it; a part that was written is cut at the next resume. */
  write(entry: Entry): void {
    const bytes = Buffer.from(`${JSON.stringify(entry)}\n`);
    this.#onDisk((descriptor) => {
      for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    });
  }

  /** Returns when a power failure can no longer take what was written: some ms on a disk. Throws `SessionError`. */
  sync(): void {
    this.#onDisk(fdatasyncSync);
    if (!this.#isNew) return;
    this.#isNew = false;
    if (process.platform !== "win32") syncFolder(dirname(this.path));
  }

  /** A second call does nothing. */
  close(): void {
    if (this.#descriptor === undefined) return;
    try {
      this.sync();
    } finally {
      closeSync(this.#descriptor);
      this.#descriptor = undefined;
    }
  }

  #onDisk(work: (descriptor: number) => void): void {
    if (this.#descriptor === undefined) throw new SessionError(`the session in \`${this.path}\` is closed`);
    try {
      work(this.#descriptor);
    } catch (error) {
      throw new SessionError(`cannot write to \`${this.path}\`: ${String(error)}`, "free space on the disk", error);
    }
  }
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads a file. Throws `SessionError` for one that is missing, damaged or newer than this version. */
export function readSession(path: string, id: string): Recorded {
  const content = contentOf(path, id);
  const whole = content.subarray(0, content.lastIndexOf(0x0a) + 1);
  const lines = whole.toString("utf8").split("\n").slice(0, -1);
  const [start, ...entries] = lines.map((line, at) => {
    const entry = readEntry(line);
    if (entry !== undefined) return entry;
    throw new SessionError(
      `line ${String(at + 1)} of \`${path}\` is damaged`,
      "move the file away; other sessions are not affected",
    );
  });
  if (start?.type !== "start")
    throw new SessionError(`\`${path}\` does not begin like a session`, "move the file away");
  if (start.version > FORMAT_VERSION) {
    throw new SessionError(
      `session \`${id}\` was written by a newer Plugsmith (format ${String(start.version)}, this one reads ${String(FORMAT_VERSION)})`,
      "update Plugsmith to resume it",
    );
  }
  return { start, entries, bytes: whole.length, torn: whole.length < content.length };
}

function contentOf(path: string, id: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if (!isMissing(error)) throw new SessionError(`cannot read \`${path}\`: ${String(error)}`, undefined, error);
    throw new SessionError(
      `there is no session \`${id}\` here`,
      "`--continue` takes the newest one of this directory",
      error,
    );
  }
}
