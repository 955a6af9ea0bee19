import type { Duplex } from "node:stream";
import {
  AbstractMessageReader,
  AbstractMessageWriter,
  Disposable,
  ErrorCodes,
  Message,
  type DataCallback,
  type MessageReader,
  type MessageWriter,
} from "vscode-jsonrpc/node";
import type { ChildLimits } from "./limits.ts";

const NEWLINE = 0x0a;
const MAX_DEPTH = 250;
const WINDOW_MS = 1_000;

/** What a reader needs beside its stream. */
export interface FrameReaderOptions {
  readonly limits: ChildLimits;
  /** Whether a message may come in; `false` drops it. */
  readonly admit: (message: Message) => boolean;
  /** Called with what the other side did that ends it. */
  readonly violated: (reason: string) => void;
}

/**
 * The host's end of the IPC channel of a forked Node: lines of JSON. Node's own end would put a message of any size together in
 * memory, throw where nobody catches it, and take handles (descriptors) from the other side.
 */
export class FrameReader extends AbstractMessageReader implements MessageReader {
  readonly #stream: Duplex;
  readonly #options: FrameReaderOptions;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #windowStart = 0;
  #windowBytes = 0;
  #closed = false;

  constructor(stream: Duplex, options: FrameReaderOptions) {
    super();
    this.#stream = stream;
    this.#options = options;
  }

  listen(callback: DataCallback): Disposable {
    const receive = (chunk: Buffer): void => this.#receive(chunk, callback);
    this.#stream.on("data", receive);
    this.#stream.once("close", () => this.fireClose());
    return Disposable.create(() => this.#stream.off("data", receive));
  }

  #receive(chunk: Buffer, callback: DataCallback): void {
    const { limits } = this.#options;
    const now = performance.now();
    if (now - this.#windowStart > WINDOW_MS) {
      this.#windowStart = now;
      this.#windowBytes = 0;
    }
    this.#windowBytes += chunk.length;
    if (this.#windowBytes > limits.bytesPerSecond) this.#violate("it floods the host with messages");
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0 && !this.#closed; end = chunk.indexOf(NEWLINE, from)) {
      this.#parts.push(chunk.subarray(from, end));
      this.#partBytes += end - from;
      from = end + 1;
      const line = this.#parts.length === 1 ? (this.#parts[0] ?? chunk) : Buffer.concat(this.#parts);
      this.#parts = [];
      this.#partBytes = 0;
      this.#message(line, callback);
    }
    if (this.#closed || from === chunk.length) return;
    this.#parts.push(chunk.subarray(from));
    this.#partBytes += chunk.length - from;
    if (this.#partBytes > limits.messageBytes) this.#violate("it sent a message that is too large");
  }

  #message(line: Buffer, callback: DataCallback): void {
    if (line.length > this.#options.limits.messageBytes) return this.#violate("it sent a message that is too large");
    if (depthOf(line) > MAX_DEPTH) return this.#violate("it sent a message that is nested too deeply");
    let message: unknown;
    try {
      message = JSON.parse(line.toString("utf8"));
    } catch {
      return this.#violate("it sent a message that is no JSON");
    }
    if (typeof message !== "object" || message === null) return this.#violate("it sent a message that is no object");
    // Without the version field JSON-RPC's own check would only log it.
    if (!("jsonrpc" in message)) return this.#violate("it sent a message that is not of the protocol");
    if (this.#options.admit(message as Message)) callback(message as Message);
  }

  #violate(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#parts = [];
    this.#options.violated(reason);
  }
}

/** Writes lines of JSON to a forked Node; what a process does not read is held up to the limit. */
export class FrameWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #stream: Duplex;
  readonly #options: Pick<FrameReaderOptions, "limits" | "violated">;

  constructor(stream: Duplex, options: Pick<FrameReaderOptions, "limits" | "violated">) {
    super();
    this.#stream = stream;
    this.#options = options;
  }

  async write(message: Message): Promise<void> {
    const { limits, violated } = this.#options;
    let line = `${JSON.stringify(message)}\n`;
    if (line.length > limits.messageBytes) {
      const error = new Error(`a message of ${String(line.length)} bytes is too large for the process of a plugin`);
      if (!Message.isResponse(message)) throw error;
      // Whoever asked must not wait for ever.
      const { jsonrpc, id } = message;
      line = `${JSON.stringify({ jsonrpc, id, error: { code: ErrorCodes.InternalError, message: error.message } })}\n`;
    }
    if (this.#stream.writableLength + line.length > limits.bytesPerSecond) violated("it does not read its messages");
    else if (this.#stream.writable) this.#stream.write(line);
  }

  end(): void {
    this.fireClose();
  }
}

const [QUOTE, BACKSLASH, OPEN_LIST, OPEN_OBJECT, CLOSE_LIST, CLOSE_OBJECT] = [0x22, 0x5c, 0x5b, 0x7b, 0x5d, 0x7d];

/** How deeply a JSON text is nested; a short one cannot be nested too deeply for anybody's recursion. */
function depthOf(line: Buffer): number {
  if (line.length < 2 * MAX_DEPTH) return 0;
  let [depth, deepest, inText] = [0, 0, false];
  for (let at = 0; at < line.length; at += 1) {
    const byte = line[at];
    if (inText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) inText = false;
    } else if (byte === QUOTE) inText = true;
    else if (byte === OPEN_LIST || byte === OPEN_OBJECT) deepest = Math.max(deepest, (depth += 1));
    else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) depth -= 1;
  }
  return deepest;
}
