import { randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import type { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { messageOf } from "../session/message-of.ts";
import { cannotListen } from "./cannot-listen.ts";
import { connectClient, type Connection } from "./mcp-server.ts";
import type { ServedHost } from "./served-host.ts";

const LOOPBACK = "127.0.0.1";
const PATH = "/mcp";
/** Clients at once. */
const MAX_CLIENTS = 32;

interface HttpClient {
  /** Answers and streams that are open: who has one is there. */
  open: number;
  readonly transport: StreamableHTTPServerTransport;
  readonly connection: Connection;
}

/** Serves clients on loopback that know the token of this run, until a signal comes. */
export async function serveHttp(
  host: ServedHost,
  port: number,
  signal: AbortSignal,
  tell: (lines: readonly string[]) => void,
): Promise<void> {
  const token = randomBytes(32).toString("base64url");
  const clients = new HttpClients(host);
  const server = createServer((request, response) => {
    const refusal = refusalOf(request, portOf(server), token);
    if (refusal !== undefined) return refuse(response, refusal);
    clients.handle(request, response).catch((error: unknown) => {
      host.frontend.log.warn(messageOf(error));
      if (response.headersSent) response.destroy();
      else refuse(response, { status: 500, message: "the request could not be answered" });
    });
  });
  await listening(server, port);
  tell([
    `serving \`${host.directory}\` at http://${LOOPBACK}:${String(portOf(server))}${PATH}`,
    `authorization: Bearer ${token}`,
  ]);
  try {
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  } finally {
    server.close();
    await clients.close();
    server.closeAllConnections();
  }
}

function listening(server: HttpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(port, error)));
    server.listen(port, LOOPBACK, () => resolve());
  });
}

function portOf(server: HttpServer): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const FULL = `${String(MAX_CLIENTS)} clients are connected, and no more are taken; end one of them, or start another \`plugin serve\``;

interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** A page in a browser, also behind a name that leads here, is no client; neither is whoever has not read the token. */
function refusalOf({ headers, url }: IncomingMessage, port: number, token: string): Refusal | undefined {
  const hosts = [`${LOOPBACK}:${String(port)}`, `localhost:${String(port)}`];
  if (headers.host === undefined || !hosts.includes(headers.host.toLowerCase())) {
    return { status: 403, message: `the host must be ${hosts.join(" or ")}` };
  }
  if (headers.origin !== undefined && !hosts.some((host) => headers.origin === `http://${host}`)) {
    return { status: 403, message: "requests of other origins are refused" };
  }
  if (!isToken(headers.authorization, token)) {
    return { status: 401, message: "the token of this run is needed; it is printed where the server was started" };
  }
  return url?.split("?", 1)[0] === PATH ? undefined : { status: 404, message: `the server is at ${PATH}` };
}

function isToken(authorization: string | undefined, token: string): boolean {
  const given = Buffer.from(/^Bearer +(\S+)$/iu.exec(authorization ?? "")?.[1] ?? "");
  const wanted = Buffer.from(token);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function refuse(response: ServerResponse, { status, message }: Refusal): void {
  const body = JSON.stringify({ jsonrpc: "2.0", error: { code: -32_000, message }, id: null });
  // What is still on its way is not read.
  response.writeHead(status, {
    "content-type": "application/json",
    connection: "close",
    ...(status === 401 && { "www-authenticate": "Bearer" }),
  });
  response.end(body);
}

/**
 * The clients that are connected, by the id that each got, the one that was silent longest first. Most that go say nothing, so one that
 * has nothing open gives way to a new one, and begins anew if it comes back; while all have, a new one is refused.
 */
class HttpClients {
  readonly #host: ServedHost;
  readonly #clients = new Map<string, HttpClient>();

  constructor(host: ServedHost) {
    this.#host = host;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const id = request.headers["mcp-session-id"];
    if (typeof id !== "string") {
      if (this.#clients.size >= MAX_CLIENTS && this.#silent() === undefined) {
        refuse(response, { status: 503, message: FULL });
        return undefined;
      }
      return (await this.#transport()).handleRequest(request, response);
    }
    const client = this.#clients.get(id);
    if (client === undefined) {
      refuse(response, { status: 404, message: "there is no such session; initialize again" });
      return undefined;
    }
    this.#clients.delete(id);
    this.#clients.set(id, client);
    client.open += 1;
    response.once("close", () => (client.open -= 1));
    return client.transport.handleRequest(request, response);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.keys()].map((id) => this.#end(id)));
  }

  /** A transport for who has none yet; only a request to initialize makes it a client. */
  async #transport(): Promise<StreamableHTTPServerTransport> {
    const { StreamableHTTPServerTransport } = await import("@modelcontextprotocol/sdk/server/streamableHttp.js");
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: async (id) => {
        const silent = this.#clients.size < MAX_CLIENTS ? undefined : this.#silent();
        this.#clients.set(id, { transport, connection, open: 0 });
        if (silent !== undefined) await this.#end(silent);
      },
      onsessionclosed: (id) => this.#end(id),
    });
    const connection = await connectClient(this.#host, transport, (error) =>
      this.#host.frontend.log.debug(messageOf(error)),
    );
    return transport;
  }

  #silent(): string | undefined {
    return [...this.#clients].find(([, { open }]) => open === 0)?.[0];
  }

  async #end(id: string): Promise<void> {
    const client = this.#clients.get(id);
    this.#clients.delete(id);
    await client?.connection.close();
  }
}
