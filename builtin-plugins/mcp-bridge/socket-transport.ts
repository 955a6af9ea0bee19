import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { JSONRPCMessageSchema, type JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js";

/** Messages of the Model Context Protocol over a WebSocket; that of the SDK cannot send headers. */
export class SocketTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: Transport["onmessage"];
  ending: string | undefined;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxBytes: number;
  #socket: WebSocket | undefined;
  #closing = false;

  constructor(url: string, headers: Readonly<Record<string, string>>, maxBytes: number) {
    this.#url = url;
    this.#headers = headers;
    this.#maxBytes = maxBytes;
  }

  async start(): Promise<void> {
    const socket = new WebSocket(this.#url, { protocols: ["mcp"], headers: { ...this.#headers } });
    this.#socket = socket;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the WebSocket could not be opened")));
    socket.addEventListener("close", ({ code }) => {
      const ending = `its WebSocket was closed with code ${String(code)}`;
      if (!this.#closing) this.ending ??= ending;
      reject(new Error(ending));
      this.onclose?.();
    });
    socket.addEventListener("message", ({ data }) => this.#read(data));
    await promise;
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#socket?.readyState !== WebSocket.OPEN) throw new Error(this.ending ?? "the connection is closed");
    this.#socket.send(JSON.stringify(message));
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#socket?.close();
  }

  #read(data: unknown): void {
    if (typeof data !== "string") return;
    if (data.length > this.#maxBytes) {
      this.ending = `it sent a message of more than ${String(this.#maxBytes / 1024 / 1024)} MB`;
      this.#socket?.close();
      return;
    }
    try {
      this.onmessage?.(JSONRPCMessageSchema.parse(JSON.parse(data)));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
