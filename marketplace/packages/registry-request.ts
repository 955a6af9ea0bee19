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

/**
 * The body at an address of a registry. Every redirect is held against the rules for addresses before it is followed, and
 * credentials go to the places they are meant for. Throws `E_SOURCE_BLOCKED`, what `onBytes` throws, and other errors as the client has
 * them, with the status of a refusal as `statusCode`.
 */
export async function requestRegistry(address: string, request: RegistryRequest): Promise<Buffer> {
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  let url = new URL(address);
  for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
    const response = await makeFetchHappen(url.href, optionsFor(url, { ...request, signal }));
    const location = response.headers.get("location");
    if (response.status >= 300 && response.status < 400 && location !== null) {
      url = redirectTarget(url, location);
      continue;
    }
    if (!response.ok) throw Object.assign(new Error(`status ${response.status}`), { statusCode: response.status });
    const { body, headers } = response;
    try {
      request.onAnnounced?.(Number(headers.get("content-length") ?? 0));
    } catch (error) {
      ended.abort();
      throw error;
    }
    return body === null ? Buffer.alloc(0) : await bodyOf(body, request.onBytes, ended);
  }
  throw new CodedError("E_NETWORK", `\`${address}\` redirects more than ${MAX_REDIRECTS} times`, {
    hint: "ask whoever runs the registry",
  });
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

function optionsFor(
  url: URL,
  { options, signal, timeoutMs, accept, cache }: RegistryRequest,
): FetchOptions & { readonly signal: AbortSignal } {
  const auth = authOf(url.href, options);
  const authorization = auth.token !== null ? `Bearer ${auth.token}` : auth.auth !== null ? `Basic ${auth.auth}` : "";
  return {
    redirect: "manual",
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
    signal,
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
