import { writeSync } from "node:fs";
import { escapeControl } from "../../schemas/names.ts";
import { isTerminal } from "./is-terminal.ts";
import { renderMarks } from "./style.ts";

const STDOUT = 1;
const STDERR = 2;

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Writes everything, waiting while a pipe is full. False when the reader has gone away. */
function writeAll(descriptor: number, text: string): boolean {
  const bytes = Buffer.from(text);
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += writeSync(descriptor, bytes, offset);
    } catch (error) {
      if (hasCode(error, "EAGAIN")) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      else if (hasCode(error, "EPIPE") || hasCode(error, "EBADF")) return false;
      else throw error;
    }
  }
  return true;
}

/** Where results (stdout) and everything else (stderr) go. */
export class Writer {
  readonly #colour: boolean;
  #stdoutOpen = true;
  #stderrTerminal: boolean | undefined;
  #stdoutTerminal: boolean | undefined;

  /** `colour` false switches it off; otherwise terminals get it, unless `NO_COLOR` is set. */
  constructor(colour: boolean) {
    this.#colour = colour && (process.env["NO_COLOR"] ?? "") === "" && process.env["TERM"] !== "dumb";
  }

  get stdoutIsTerminal(): boolean {
    this.#stdoutTerminal ??= isTerminal(STDOUT);
    return this.#stdoutTerminal;
  }

  get stderrIsTerminal(): boolean {
    this.#stderrTerminal ??= isTerminal(STDERR);
    return this.#stderrTerminal;
  }

  /** Prints lines of a result; control characters in them are escaped. */
  out(lines: readonly string[]): void {
    if (!this.#stdoutOpen || lines.length === 0) return;
    this.#stdoutOpen = writeAll(STDOUT, renderLines(lines, this.#colour && this.stdoutIsTerminal));
  }

  /** Prints lines that are not the result; control characters in them are escaped. */
  err(lines: readonly string[]): void {
    if (lines.length > 0) writeAll(STDERR, renderLines(lines, this.#colour && this.stderrIsTerminal));
  }

  /** Prints one JSON document; characters that a terminal could obey are written as `\uXXXX`. */
  json(document: unknown): void {
    if (!this.#stdoutOpen) return;
    this.#stdoutOpen = writeAll(STDOUT, renderJson(document));
  }

  /** Prints one JSON value on one line, escaped as a document is. */
  jsonLine(value: unknown): void {
    if (!this.#stdoutOpen) return;
    this.#stdoutOpen = writeAll(STDOUT, `${escapeJsonLine(JSON.stringify(value))}\n`);
  }

  /** Replaces the line under the cursor of a terminal; an empty text erases it. */
  status(text: string): void {
    writeAll(STDERR, `\r\u001B[2K${escapeControl(text)}`);
  }
}

/** Lines as they are written: foreign controls escaped, our own marks turned into terminal sequences or dropped. */
export function renderLines(lines: readonly string[], colour: boolean): string {
  return lines.map((line) => `${renderMarks(escapeControl(line), colour)}\n`).join("");
}

/** A document as it is written, with a line end. */
export function renderJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2).split("\n").map(escapeJsonLine).join("\n")}\n`;
}

/** JSON escapes C0 itself; the rest of what can act on a terminal or hide is written in its escaped form. */
const HIDDEN =
  /[\u007F-\u009F\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

function escapeJsonLine(line: string): string {
  return line.replace(HIDDEN, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
