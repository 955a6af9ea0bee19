import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request with its body read. */
export interface WebRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** What is sent back; a `body` that is neither text nor bytes becomes JSON. */
export interface WebResponse {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A real HTTP server on the loopback address. */
export interface WebServer extends AsyncDisposable {
  readonly origin: string;
}

/** Serves until disposed. */
export async function webServe(answer: (request: WebRequest) => WebResponse): Promise<WebServer> {
  const server = createServer((request, response) => {
    read(request, response, answer).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A server that listens on a port has an address with one.
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function read(
  request: IncomingMessage,
  response: ServerResponse,
  answer: (request: WebRequest) => WebResponse,
): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { method = "GET", headers } = request;
  const url = new URL(request.url ?? "/", `http://${headers.host ?? "127.0.0.1"}`);
  const {
    status = 200,
    headers: more = {},
    body,
  } = answer({
    method,
    url,
    headers,
    body: Buffer.concat(parts).toString("utf8"),
  });
  const isJson = typeof body !== "string" && !(body instanceof Uint8Array);
  const content = isJson ? JSON.stringify(body) : body;
  const type = isJson ? "application/json" : "text/plain";
  response.writeHead(status, { "content-type": type, ...more }).end(content);
}
