import type { Readable } from "node:stream";
import type { Log } from "../../plugin-api/plugin.ts";

const TAIL_CHARACTERS = 2_000;
const LINE_CHARACTERS = 500;

/** Reads what a plugin's process prints so that it never blocks, and puts the first of it into the log. */
export class OutputDrain {
  readonly #log: Log;
  #left: number;
  #tail = "";

  constructor(log: Log, maxBytes: number) {
    this.#log = log;
    this.#left = maxBytes;
  }

  /** The last that was printed, for the report of a crash. */
  get tail(): string {
    return this.#tail.trim();
  }

  /** Takes a stream of the process. */
  add(name: string, stream: Readable | null): void {
    stream?.on("data", (chunk: Buffer) => this.#take(name, chunk));
  }

  #take(name: string, chunk: Buffer): void {
    const kept = chunk.subarray(Math.max(0, chunk.length - TAIL_CHARACTERS)).toString("utf8");
    this.#tail = (this.#tail + kept).slice(-TAIL_CHARACTERS);
    if (this.#left <= 0) return;
    const shown = chunk.subarray(0, this.#left).toString("utf8");
    this.#left -= chunk.length;
    for (const line of shown.split("\n")) {
      if (line.trim() !== "") this.#log.info(`${name}: ${line.slice(0, LINE_CHARACTERS)}`);
    }
    if (this.#left <= 0) this.#log.warn(`${name}: it prints too much; from here on its output is dropped`);
  }
}
