import type { Writer } from "./writer.ts";

const QUIET_MS = 300;
const MAX_WIDTH = 100;

/** Shows what is going on once it takes longer than a person likes to wait in silence. */
export class ProgressLine {
  readonly #writer: Writer;
  readonly #mode: "line" | "log" | "silent";
  // Not `performance`, which costs 2 ms to load.
  #startedAt = Date.now();
  #shown = false;
  #last: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** On a terminal that can do so one line that is erased again; otherwise, with `verbose`, a line a message; else nothing. */
  constructor(writer: Writer, verbose: boolean) {
    this.#writer = writer;
    this.#mode = writer.stderrIsTerminal && process.env["TERM"] !== "dumb" ? "line" : verbose ? "log" : "silent";
  }

  /** Shows a message, or clears the line. */
  readonly show = (message: string | undefined): void => {
    if (this.#mode === "silent") return;
    if (message === undefined) {
      this.clear();
      return;
    }
    if (this.#mode === "log") {
      if (message !== this.#last) this.#writer.err([`... ${message}`]);
      this.#last = message;
      return;
    }
    this.#last = message;
    const waited = Date.now() - this.#startedAt;
    // Synchronous work starves timers, so the time is looked at here too.
    if (waited >= QUIET_MS) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), QUIET_MS - waited).unref();
  };

  /** Erases the line so that something else can be printed; waiting starts anew. */
  clear(): void {
    this.#startedAt = Date.now();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#last = undefined;
    if (!this.#shown) return;
    this.#shown = false;
    this.#writer.status("");
  }

  #draw(): void {
    this.#timer = undefined;
    if (this.#last === undefined) return;
    this.#shown = true;
    const text = [...this.#last];
    // A line that wraps could not be erased.
    const width = Math.min(MAX_WIDTH, process.stderr.columns - 1);
    this.#writer.status(text.length > width ? `${text.slice(0, Math.max(0, width - 3)).join("")}...` : this.#last);
  }
}
