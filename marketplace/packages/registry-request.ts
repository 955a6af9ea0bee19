import makeFetchHappen, { type FetchOptions } from "make-fetch-happen";
import fetchFromRegistry from "npm-registry-fetch";
import { CodedError } from "../../schemas/errors.ts";
import { redirectTarget } from "../sources/redirect.ts";
import type { RegistrySettings } from "./registry-settings.ts";

/** How a registry is asked. */
export interface RegistryRequest {
  readonly options: RegistrySettings["options"];
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly accept?: string | undefined;
  /** Keeps answers in a directory and asks with conditions; `only` asks nobody. */
  readonly cache?: { readonly directory: string; readonly only: boolean } | undefined;
  /** Told what arrives, and before that how much the registry announces; throws to end it. */
  readonly onBytes: (count: number) => void;
  readonly onAnnounced?: ((count: number) => void) | undefined;
}

const MAX_REDIRECTS = 5;

/** How an address is asked, whatever lies behind it. */
export interface AddressRequest {
  readonly method?: "GET" | "HEAD" | undefined;
  /** Headers and connection for an address that is come to. */
  readonly optionsFor: (url: URL) => FetchOptions;
  readonly signal: AbortSignal;
  /** As in `RegistryRequest`. */
  readonly onBytes: (count: number) => void;
  readonly onAnnounced?: ((count: number) => void) | undefined;
}

/** What was said at an address. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  /** Empty for a refusal. */
  readonly body: Buffer;
}

/**
 * The body at an address of a registry. Credentials go to the places they are meant for. Throws what `requestAnswer` throws, and for a
 * refusal an error with its status as `statusCode`.
 */
export async function requestRegistry(address: string, request: RegistryRequest): Promise<Buffer> {
  const { signal, onBytes, onAnnounced } = request;
  const optionsFor = (url: URL): FetchOptions => registryOptions(url, request);
  const { status, body } = await requestAnswer(new URL(address), { optionsFor, signal, onBytes, onAnnounced });
  if (isFine(status)) return body;
  throw Object.assign(new Error(`status ${status}`), { statusCode: status });
}

/**
 * The answer at an address, also when it is a refusal. Every redirect is held against the rules for addresses before it is followed.
 * Throws `E_SOURCE_BLOCKED`, `E_NETWORK` for too many redirects, what `onBytes` throws, and other errors as the client has them.
 */
export async function requestAnswer(first: URL, request: AddressRequest): Promise<Answer> {
  const { method = "GET", optionsFor, onBytes } = request;
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  let url = first;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    // The client takes a signal, which its types do not know.
    const options: FetchOptions & { readonly signal: AbortSignal } = {
      ...optionsFor(url),
      method,
      redirect: "manual",
      signal,
    };
    const { status, headers, body } = await makeFetchHappen(url.href, options);
    const location = headers.get("location");
    if (status >= 300 && status < 400 && location !== null) {
      url = redirectTarget(url, location);
      continue;
    }
    if (!isFine(status) || method === "HEAD" || body === null) {
      body?.resume();
      return { status, headers, body: Buffer.alloc(0) };
    }
    try {
      request.onAnnounced?.(Number(headers.get("content-length") ?? 0));
    } catch (error) {
      ended.abort();
      throw error;
    }
    return { status, headers, body: await bodyOf(body, onBytes, ended) };
  }
  throw new CodedError("E_NETWORK", `\`${first.href}\` redirects more than ${MAX_REDIRECTS} times`, {
    hint: "ask whoever runs the registry",
  });
}

function isFine(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Reads a body by its events: the client's iterator adds a listener a chunk. What is too large ends the connection. */
async function bodyOf(
  body: NodeJS.ReadableStream,
  onBytes: RegistryRequest["onBytes"],
  ended: AbortController,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    body.on("error", reject);
    body.on("end", resolve);
    body.on("data", (chunk: Buffer) => {
      if (ended.signal.aborted) return;
      chunks.push(chunk);
      try {
        onBytes(chunk.length);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
        ended.abort();
      }
    });
  });
  return Buffer.concat(chunks);
}

function registryOptions(url: URL, { options, timeoutMs, accept, cache }: RegistryRequest): FetchOptions {
  const auth = authOf(url.href, options);
  const authorization = auth.token !== null ? `Bearer ${auth.token}` : auth.auth !== null ? `Basic ${auth.auth}` : "";
  return {
    headers: {
      ...(accept === undefined ? {} : { accept }),
      ...(authorization === "" ? {} : { authorization }),
    },
    ...given("ca", options["ca"]),
    ...given("cert", auth.cert),
    ...given("key", auth.key),
    ...given("proxy", options["httpsProxy"] ?? options["proxy"]),
    ...given("noProxy", options["noProxy"]),
    strictSSL: options["strictSSL"] !== false && options["strictSSL"] !== "false",
    timeout: timeoutMs,
    retry: { retries: 2, factor: 4, minTimeout: 250, maxTimeout: 4_000 },
    ...(cache === undefined ? {} : { cachePath: cache.directory, cache: cache.only ? "only-if-cached" : "no-cache" }),
  };
}

/** What the client's own rules find for an address in settings; not in its types. */
interface Auth {
  readonly token: string | null;
  readonly auth: string | null;
  readonly cert: string | null;
  readonly key: string | null;
}

function authOf(address: string, options: RegistrySettings["options"]): Auth {
  // `getAuth` is a documented export that the types lack.
  const { getAuth } = fetchFromRegistry as unknown as {
    readonly getAuth: (address: string, options: RegistrySettings["options"]) => Auth;
  };
  return getAuth(address, options);
}

/** A setting as the client takes it; what is none is left out. */
function given(name: string, value: unknown): Readonly<Record<string, unknown>> {
  return value === undefined || value === null ? {} : { [name]: value };
}
