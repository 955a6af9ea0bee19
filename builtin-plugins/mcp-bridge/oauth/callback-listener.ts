import { timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What comes back from an authorization server. */
export interface Callback {
  readonly code: string;
  /** Of the server that answers, where it says so (RFC 9207). */
  readonly issuer: string | undefined;
}

const HOST = "127.0.0.1";

/** Waits on this machine's own address for one redirect that carries the right state; every other request is refused. */
export class CallbackListener implements AsyncDisposable {
  readonly port: number;
  readonly #server: Server;
  readonly #state: Buffer;
  readonly #result = Promise.withResolvers<Callback>();
  #used = false;

  private constructor(server: Server, state: string) {
    this.#server = server;
    this.#state = Buffer.from(state);
    // `listen` has succeeded on a port, so there is an address with one.
    this.port = (server.address() as AddressInfo).port;
    server.on("request", (request, response) => this.#answer(request, response));
    // Read in `result`, or by nobody when the sign-in failed before.
    this.#result.promise.catch(() => undefined);
  }

  /** Listens on `port`, or on a free one when it is absent or, with `orFree`, taken. */
  static async open(state: string, port: number | undefined, orFree: boolean): Promise<CallbackListener> {
    try {
      return new CallbackListener(await listening(port ?? 0), state);
    } catch (error) {
      if (!orFree || port === undefined) throw error;
      return new CallbackListener(await listening(0), state);
    }
  }

  /** Resolves with the first redirect that carries the state. Rejects when that says no, or when the signal is aborted. */
  async result(signal: AbortSignal): Promise<Callback> {
    const abort = (): void => this.#result.reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await this.#result.promise;
    } finally {
      signal.removeEventListener("abort", abort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { host } = request.headers;
    const own = host === `${HOST}:${String(this.port)}` || host === `localhost:${String(this.port)}`;
    const url = URL.parse(request.url ?? "", `http://${HOST}`);
    if (!own || request.method !== "GET" || url?.pathname !== "/callback") return say(response, 404, "not found");
    if (this.#used || !this.#hasState(url.searchParams.get("state"))) {
      return say(response, 400, "this answer belongs to no sign-in that is under way");
    }
    this.#used = true;
    const { searchParams } = url;
    const code = searchParams.get("code");
    if (code === null) {
      const why = searchParams.get("error_description") ?? searchParams.get("error") ?? "no code was sent";
      this.#result.reject(new Error(`the authorization server refused: ${why.slice(0, 200)}`));
      return say(response, 400, "The sign-in was refused. You can close this window.");
    }
    this.#result.resolve({ code, issuer: searchParams.get("iss") ?? undefined });
    return say(response, 200, "Signed in. You can close this window.");
  }

  #hasState(state: string | null): boolean {
    const given = Buffer.from(state ?? "");
    return given.length === this.#state.length && timingSafeEqual(given, this.#state);
  }
}

async function listening(port: number): Promise<Server> {
  const server = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.listen(port, HOST, resolve);
  await promise;
  server.off("error", reject);
  return server;
}

function say(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", connection: "close" }).end(`${text}\n`);
}
