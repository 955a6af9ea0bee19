import { addressRefusal } from "./address-check.ts";
import { followingFetch } from "./following-fetch.ts";

/** As the transports of the SDK take it. */
export type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** How a server is talked to over HTTP. */
export interface ServerFetchOptions {
  readonly server: URL;
  /** Of one message, or of one whole body that is no stream of events. */
  readonly maxBytes: number;
  /** Headers of requests to the server's own origin; `again` after the server refused the ones before. */
  readonly headers: (again: boolean) => Promise<Readonly<Record<string, string>>>;
  /** Whether asking for headers again can give others. */
  readonly renewable: boolean;
  /** Hears of addresses that were refused: the SDK goes on without what it wanted there. */
  readonly onRefused: (reason: string) => void;
  /** Hears of answers that ask for credentials. */
  readonly onUnauthorized: (response: Response) => void;
}

/**
 * A `fetch` for one server: its headers go to its own origin only (attacks.md PR12), other addresses that it names are checked,
 * bodies are capped.
 */
export function serverFetch({
  server,
  maxBytes,
  headers,
  renewable,
  onRefused,
  onUnauthorized,
}: ServerFetchOptions): Fetch {
  return async (url, init) => {
    const target = new URL(url);
    const check = async (address: URL): Promise<void> => {
      const refusal = await addressRefusal(address, server);
      if (refusal === undefined) return;
      onRefused(refusal);
      throw new Error(refusal);
    };
    if (target.origin !== server.origin)
      return capped(await followingFetch(target, init, { check, headers: new Headers(init?.headers) }), maxBytes);
    const send = async (again: boolean): Promise<Response> =>
      followingFetch(target, init, { check, headers: merged(init?.headers, await headers(again)) });
    let response = await send(false);
    if (renewable && (response.status === 401 || response.status === 403)) {
      await response.body?.cancel();
      response = await send(true);
    }
    if (response.status === 401) onUnauthorized(response);
    return capped(response, maxBytes);
  };
}

function merged(own: RequestInit["headers"], more: Readonly<Record<string, string>>): Headers {
  const headers = new Headers(own);
  for (const [name, value] of Object.entries(more)) headers.set(name, value);
  return headers;
}

/** The same response, whose body fails once a message in it grows above the cap. */
function capped(response: Response, maxBytes: number): Response {
  if (response.body === null) return response;
  const events = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  let held = 0;
  const cap = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      held = events ? heldAfter(held, chunk) : held + chunk.length;
      if (held > maxBytes) {
        controller.error(new Error(`the server sent a message of more than ${String(maxBytes / 1024 / 1024)} MB`));
        return;
      }
      controller.enqueue(chunk);
    },
  });
  const { status, statusText, headers } = response;
  const copy = new Response(response.body.pipeThrough(cap), { status, statusText, headers });
  Object.defineProperty(copy, "url", { value: response.url });
  return copy;
}

/** Bytes since the last blank line, which ends an event. */
function heldAfter(held: number, chunk: Uint8Array): number {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const end = Math.max(text.lastIndexOf("\n\n"), text.lastIndexOf("\r\n\r\n"));
  return end < 0 ? held + chunk.length : chunk.length - end;
}
