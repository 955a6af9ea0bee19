import { AbstractMessageReader, AbstractMessageWriter, Disposable, type DataCallback } from "vscode-jsonrpc/node";
import type { Message, MessageReader, MessageWriter } from "vscode-jsonrpc/node";

/** Reads messages from the process that forked this one. */
export class ProcessReader extends AbstractMessageReader implements MessageReader {
  listen(callback: DataCallback): Disposable {
    // The host sends nothing but JSON-RPC messages.
    const receive = (message: unknown): void => callback(message as Message);
    process.on("message", receive);
    process.once("disconnect", () => this.fireClose());
    return Disposable.create(() => process.off("message", receive));
  }
}

/** Writes messages to the process that forked this one. */
export class ProcessWriter extends AbstractMessageWriter implements MessageWriter {
  readonly #send: NonNullable<typeof process.send>;

  /** Throws in a process that was not forked. */
  constructor() {
    super();
    if (process.send === undefined) throw new Error("this process was not started by a host");
    this.#send = process.send.bind(process);
  }

  async write(message: Message): Promise<void> {
    this.#send(message);
  }

  end(): void {
    this.fireClose();
  }
}
