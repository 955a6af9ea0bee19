import { spawn } from "node:child_process";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refuseCanary } from "./canary.ts";

/** How a test server misbehaves. Every switch may be changed while it runs. */
export interface GitServerSwitches {
  /** Answers protocol version 0, which refuses commits and blobs by id. */
  oldProtocol?: boolean;
  /** `name:password` that must be sent as basic authentication. */
  credentials?: string;
  /** Base address to which every request is redirected. */
  redirect?: string;
  /** Accepts and never answers. */
  silent?: boolean;
  /** Answers the pack request with an endless stream. */
  endless?: boolean;
  /** Milliseconds before every answer. */
  delayMs?: number;
  /** Extra configuration for the server's git, `key=value`. */
  config?: readonly string[];
}

/** One request as the server saw it. */
export interface ServedRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization?: string | undefined;
  /** Body bytes that were sent back. */
  sent: number;
}

/** A loopback smart-HTTP server over `git http-backend` for every repository below one directory. */
export class GitServer {
  readonly requests: ServedRequest[] = [];
  readonly switches: GitServerSwitches = {};
  readonly #directory: string;
  readonly #server: Server;
  #received = 0;

  private constructor(directory: string) {
    this.#directory = directory;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Starts on a free port. */
  static async start(directory: string): Promise<GitServer> {
    const server = new GitServer(directory);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  get port(): number {
    // A TCP server that listens has an address object.
    return (this.#server.address() as AddressInfo).port;
  }

  /** The address of a repository, named by its path below the directory. */
  url(repository: string): string {
    return `http://127.0.0.1:${this.port}/${repository}`;
  }

  /** Bytes of bodies in both directions since the last `reset`. */
  get bytes(): number {
    return this.#received + this.requests.reduce((sum, request) => sum + request.sent, 0);
  }

  /** Forgets what was counted. */
  reset(): void {
    this.requests.length = 0;
    this.#received = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    // Who asks for credentials is meant to get them.
    if (this.switches.credentials === undefined)
      refuseCanary(JSON.stringify(this.requests), "what a git server was sent");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { switches } = this;
    const authorization = request.headers.authorization;
    const served: ServedRequest = { method: request.method ?? "", path: request.url ?? "", authorization, sent: 0 };
    this.requests.push(served);
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const input = Buffer.concat(body);
    this.#received += input.length;
    if (switches.silent === true) return;
    if (switches.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, switches.delayMs));
    if (switches.redirect !== undefined) {
      response.writeHead(302, { location: `${switches.redirect}${request.url ?? ""}` }).end();
      return;
    }
    const expected = switches.credentials;
    if (expected !== undefined && authorization !== `Basic ${Buffer.from(expected).toString("base64")}`) {
      response.writeHead(401, { "www-authenticate": 'Basic realm="test"' }).end();
      return;
    }
    if (switches.endless === true && request.method === "POST" && input.includes("command=fetch")) {
      streamForever(response, served);
      return;
    }
    this.#backend(request, response, input, served);
  }

  #backend(request: IncomingMessage, response: ServerResponse, input: Buffer, served: ServedRequest): void {
    const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
    const config = this.switches.config ?? [];
    const child = spawn("git", ["http-backend"], {
      env: {
        PATH: process.env["PATH"],
        HOME: "/nonexistent",
        GIT_PROJECT_ROOT: this.#directory,
        GIT_HTTP_EXPORT_ALL: "1",
        GIT_CONFIG_NOSYSTEM: "1",
        GIT_CONFIG_GLOBAL: "/dev/null",
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        CONTENT_LENGTH: String(input.length),
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        REMOTE_ADDR: "127.0.0.1",
        REMOTE_USER: "test",
        ...(this.switches.oldProtocol === true ? {} : { GIT_PROTOCOL: String(request.headers["git-protocol"] ?? "") }),
        GIT_CONFIG_COUNT: String(config.length),
        ...Object.fromEntries(
          config.flatMap((pair, index) => {
            const at = pair.indexOf("=");
            return [
              [`GIT_CONFIG_KEY_${index}`, pair.slice(0, at)],
              [`GIT_CONFIG_VALUE_${index}`, pair.slice(at + 1)],
            ];
          }),
        ),
      },
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(input);
    let head: Buffer | undefined = Buffer.alloc(0);
    const send = (chunk: Buffer): void => {
      served.sent += chunk.length;
      response.write(chunk);
    };
    child.stdout.on("data", (chunk: Buffer) => {
      if (head === undefined) return send(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const lines = head.toString("latin1", 0, end).split("\r\n");
      const headers: Record<string, string> = {};
      for (const line of lines)
        headers[line.slice(0, line.indexOf(":")).toLowerCase()] = line.slice(line.indexOf(":") + 1).trim();
      const { status, ...rest } = headers;
      response.writeHead(Number(status?.slice(0, 3) ?? 200), rest);
      const tail = head.subarray(end + 4);
      head = undefined;
      if (tail.length > 0) send(tail);
    });
    child.on("close", () => response.end());
    response.on("close", () => child.kill());
  }
}

/** A pack that claims eight million objects and never ends: incompressible blobs, side band 1. */
function streamForever(response: ServerResponse, served: ServedRequest): void {
  response.writeHead(200, { "content-type": "application/x-git-upload-pack-result" });
  const packet = (payload: Buffer): Buffer =>
    Buffer.concat([Buffer.from((payload.length + 4).toString(16).padStart(4, "0")), payload]);
  const band = (payload: Buffer): Buffer => packet(Buffer.concat([Buffer.from([1]), payload]));
  response.write(packet(Buffer.from("packfile\n")));
  const header = Buffer.from("PACK\0\0\0\u0002\0\u007f\u007f\u007f", "latin1");
  const object = storedBlob(60_000);
  response.write(band(header));
  const pump = (): void => {
    while (!response.destroyed) {
      const chunk = band(object);
      served.sent += chunk.length;
      if (!response.write(chunk)) {
        response.once("drain", pump);
        return;
      }
    }
  };
  pump();
}

/** A blob object of a pack: size header and a zlib stream of stored blocks, with its checksum. */
function storedBlob(size: number): Buffer {
  const header: number[] = [];
  let rest = size >> 4;
  header.push((3 << 4) | (size & 15) | (rest > 0 ? 0x80 : 0));
  while (rest > 0) {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  }
  const content = Buffer.alloc(size, 7);
  const block = Buffer.from([1, size & 255, size >> 8, ~size & 255, (~size >> 8) & 255]);
  let a = 1;
  let b = 0;
  for (const byte of content) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(((b << 16) | a) >>> 0);
  return Buffer.concat([Buffer.from(header), Buffer.from([0x78, 0x01]), block, content, checksum]);
}
