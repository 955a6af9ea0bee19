import makeFetchHappen from "make-fetch-happen";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { redirectTarget } from "../sources/redirect.ts";

/** What a registry of images said. */
export interface Answer {
  readonly status: number;
  readonly headers: { readonly get: (name: string) => string | null };
  /** Empty unless the status is 200. */
  readonly body: Buffer;
}

/** How a registry is asked. */
export interface RegistryQuestion {
  readonly method: "GET" | "HEAD";
  readonly accept: string;
  /** Goes to the origin of the address, to no other that it leads to. */
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20_000;
const MAX_REDIRECTS = 5;
/** What registries themselves allow for a manifest. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The answer at an address of a registry, also when it is a refusal. Every redirect is held against the rules for addresses before it
 * is followed. Throws `E_SOURCE_BLOCKED`, `E_LIMIT_SIZE`, `E_NETWORK`, and the reason of an aborted signal.
 */
export async function askRegistry(
  first: URL,
  { method, accept, authorization, signal }: RegistryQuestion,
): Promise<Answer> {
  const ended = new AbortController();
  let url = first;
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const isHome = url.origin === first.origin;
      const options = {
        method,
        redirect: "manual" as const,
        headers: { accept, ...(authorization === undefined || !isHome ? {} : { authorization }) },
        timeout: TIMEOUT_MS,
        retry: { retries: 1, minTimeout: 100 },
        signal: AbortSignal.any([signal, ended.signal]),
      };
      const response = await makeFetchHappen(url.href, options);
      const { status, headers, body } = response;
      const location = headers.get("location");
      if (status >= 300 && status < 400 && location !== null) {
        url = redirectTarget(url, location);
        continue;
      }
      if (status !== 200 || method === "HEAD" || body === null) {
        body?.resume();
        return { status, headers, body: Buffer.alloc(0) };
      }
      return { status, headers, body: await bodyOf(body, url, ended) };
    }
  } catch (error) {
    signal.throwIfAborted();
    if (isCodedError(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError("E_NETWORK", `\`${url.host}\` could not be reached: ${why}`, {
      hint: "check the name of the image and the connection",
      cause: error,
    });
  }
  throw new CodedError("E_NETWORK", `\`${first.href}\` redirects more than ${String(MAX_REDIRECTS)} times`, {
    hint: "ask whoever runs the registry",
  });
}

async function bodyOf(body: NodeJS.ReadableStream, { host }: URL, ended: AbortController): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) {
      ended.abort();
      throw new CodedError("E_LIMIT_SIZE", `\`${host}\` sends more than ${String(MAX_BYTES)} bytes for a manifest`, {
        hint: "ask whoever runs the registry",
      });
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
