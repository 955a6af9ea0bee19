import type { RunningProcess } from "plugsmith/plugin-api";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  type DataCallback,
  type Disposable,
  type Message,
  type MessageWriter,
} from "vscode-languageserver-protocol/node";

/** Limits of one message (formats.md §7.2). */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 32 * 1024 * 1024;
const HEADER_END = Buffer.from("\r\n\r\n");

/** Reads messages with their `Content-Length` from a program's output; whatever else it prints there is an error. */
export class FramedReader extends AbstractMessageReader {
  readonly #process: RunningProcess;
  #buffer = Buffer.alloc(0);
  #length: number | undefined;
  #isBroken = false;

  constructor(process: RunningProcess) {
    super();
    this.#process = process;
  }

  override listen(callback: DataCallback): Disposable {
    this.#process.onOutput((chunk) => {
      if (this.#isBroken) return;
      try {
        this.#take(chunk, callback);
      } catch (error) {
        this.#isBroken = true;
        this.fireError(error);
        this.fireClose();
      }
    });
    void this.#process.ended.then(
      () => this.fireClose(),
      () => this.fireClose(),
    );
    return { dispose: () => undefined };
  }

  #take(chunk: Uint8Array, callback: DataCallback): void {
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    for (;;) {
      this.#length ??= this.#header();
      if (this.#length === undefined || this.#buffer.length < this.#length) return;
      const body = this.#buffer.subarray(0, this.#length);
      this.#buffer = this.#buffer.subarray(this.#length);
      this.#length = undefined;
      // The connection looks at every part of a message before it uses it.
      callback(JSON.parse(body.toString("utf8")) as Message);
    }
  }

  /** The length that the next header names; `undefined` while it is not whole. Throws for what is no header. */
  #header(): number | undefined {
    const end = this.#buffer.indexOf(HEADER_END);
    const seen = this.#buffer.subarray(0, end < 0 ? undefined : end).toString("latin1");
    if (seen.length > MAX_HEADER_BYTES) throw new Error(`its header is longer than ${String(MAX_HEADER_BYTES)} bytes`);
    if (seen !== "" && !/^[\w-]*(?::|$)/u.test(seen))
      throw new Error(`it printed \`${printable(seen)}\` between messages`);
    if (end < 0) return undefined;
    const lengths = [...seen.matchAll(/^content-length: *(\d+)\s*$/gimu)].map(([, digits]) => Number(digits));
    if (lengths.length > 1) throw new Error(`its header \`${printable(seen)}\` names two lengths`);
    const [length = Number.NaN] = lengths;
    if (Number.isNaN(length)) throw new Error(`its header \`${printable(seen)}\` names no length`);
    if (length > MAX_BODY_BYTES)
      throw new Error(`a message of ${String(length)} bytes is larger than ${String(MAX_BODY_BYTES)}`);
    this.#buffer = this.#buffer.subarray(end + HEADER_END.length);
    return length;
  }
}

function printable(text: string): string {
  return JSON.stringify(text.slice(0, 80)).slice(1, -1);
}

/** Writes messages with their `Content-Length` to a program's input. */
export class FramedWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #process: RunningProcess;

  constructor(process: RunningProcess) {
    super();
    this.#process = process;
  }

  async write(message: Message): Promise<void> {
    const body = Buffer.from(JSON.stringify(message));
    this.#process.write(Buffer.concat([Buffer.from(`Content-Length: ${String(body.length)}\r\n\r\n`), body]));
  }

  end(): void {
    this.#process.endInput();
  }
}
