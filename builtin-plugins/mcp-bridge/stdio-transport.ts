import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { JSONRPCMessageSchema, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";
import { messageOf, type Log, type RunningProcess } from "plugsmith/plugin-api";
import { MessageLines } from "./message-lines.ts";

/** How much a server may say. */
export interface MessageLimits {
  /** Of one message. */
  readonly maxBytes: number;
  /** Within `WINDOW_MS`. */
  readonly maxMessages: number;
  /** Lines that are no messages, during the whole connection. */
  readonly maxGarbage: number;
}

/** A large result fits; what no honest server reaches ends the connection (attacks.md PR02–PR05). */
export const MESSAGE_LIMITS: MessageLimits = { maxBytes: 16 * 1024 * 1024, maxMessages: 10_000, maxGarbage: 10_000 };

const WINDOW_MS = 10_000;
const MAX_LAST_WORDS = 8 * 1024;
const MAX_SHOWN = 200;
const STOP_MS = 1_000;

/** Messages of the Model Context Protocol, one a line, over a program's input and output. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  /** Why the connection ended, as soon as that is known. */
  ending: string | undefined;
  readonly #process: RunningProcess;
  readonly #limits: MessageLimits;
  readonly #log: Log;
  readonly #lines: MessageLines;
  #lastWords = "";
  #garbage = 0;
  #windowStart = -Infinity;
  #inWindow = 0;
  #closing = false;
  #closed = false;

  constructor(process: RunningProcess, log: Log, limits: MessageLimits = MESSAGE_LIMITS) {
    this.#process = process;
    this.#log = log;
    this.#limits = limits;
    this.#lines = new MessageLines(limits.maxBytes);
  }

  async start(): Promise<void> {
    const decoder = new TextDecoder();
    this.#process.onOutput((chunk) => this.#read(chunk));
    this.#process.onErrorOutput((chunk) => {
      this.#lastWords = `${this.#lastWords}${decoder.decode(chunk, { stream: true })}`.slice(-MAX_LAST_WORDS);
    });
    this.#process.ended.then(
      ({ code, signal }) =>
        this.#end(this.#closing ? undefined : `it ended with ${signal ?? `code ${String(code)}`}${this.#quoted()}`),
      (error: unknown) => this.#end(messageOf(error)),
    );
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closing || this.#closed || this.ending !== undefined)
      throw new Error(this.ending ?? "the connection is closed");
    this.#process.write(`${JSON.stringify(message)}\n`);
  }

  /** Closes the input, as the protocol asks, then ends the program. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closing = true;
    this.#process.endInput();
    await this.#process.stop(STOP_MS);
    this.#end(undefined);
  }

  #read(chunk: Uint8Array): void {
    if (this.ending !== undefined || this.#closing) return;
    const lines = this.#lines.push(chunk);
    if (lines === undefined) {
      this.#kill(`it sent a message of more than ${String(this.#limits.maxBytes / 1024 / 1024)} MB`);
      return;
    }
    for (const line of lines) if (this.ending === undefined && line.trim() !== "") this.#readLine(line);
  }

  #readLine(line: string): void {
    if (this.#floods()) {
      this.#kill(`it sent more than ${String(this.#limits.maxMessages)} messages within ${String(WINDOW_MS / 1000)} s`);
      return;
    }
    const message = parsed(line);
    if (message !== undefined) this.onmessage?.(message);
    else this.#skip(line);
  }

  #skip(line: string): void {
    this.#garbage += 1;
    if (this.#garbage > this.#limits.maxGarbage) {
      this.#kill(`it printed more than ${String(this.#limits.maxGarbage)} lines that are no messages`);
    } else if (this.#garbage === 1) {
      const shown = JSON.stringify(line.slice(0, MAX_SHOWN));
      this.#log.warn(`a line on its output is no message and was skipped: ${shown}; further ones are only counted`);
    }
  }

  #floods(): boolean {
    const now = performance.now();
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#inWindow = 0;
    }
    this.#inWindow += 1;
    return this.#inWindow > this.#limits.maxMessages;
  }

  #kill(reason: string): void {
    this.ending = `${reason} and was stopped`;
    this.#process.stop(0).then(
      () => this.#end(reason),
      (error: unknown) => this.onerror?.(error instanceof Error ? error : new Error(String(error))),
    );
  }

  #end(reason: string | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    this.ending ??= reason;
    if (this.#garbage > 1) this.#log.info(`${String(this.#garbage)} lines on its output were no messages`);
    if (this.#lastWords.trim() !== "") this.#log.debug(`its last error output: ${this.#lastWords.trim()}`);
    this.onclose?.();
  }

  #quoted(): string {
    const line = this.#lastWords.trim().split("\n").at(-1)?.trim().slice(-MAX_SHOWN) ?? "";
    return line === "" ? "" : ` (its last words: ${JSON.stringify(line)})`;
  }
}

function parsed(line: string): JSONRPCMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Banners, stack traces: what is no JSON is no message.
    return undefined;
  }
  const { success, data } = JSONRPCMessageSchema.safeParse(value);
  return success ? data : undefined;
}
