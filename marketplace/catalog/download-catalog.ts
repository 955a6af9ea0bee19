import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { redirectTarget } from "../sources/redirect.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";

/** A downloaded document. */
export interface Download {
  readonly bytes: Uint8Array;
  readonly etag?: string | undefined;
}

/** How a download is bounded. */
export interface DownloadOptions {
  readonly offline: boolean;
  readonly signal: AbortSignal;
  /** Throws when policy forbids this address. */
  readonly checkAddress: (url: string) => void;
  readonly rewrites: Pick<SourceRewrites, "web">;
}

const MAX_BYTES = 5 * 1024 * 1024;
const DEADLINE_MS = 10_000;
const MAX_REDIRECTS = 5;

/** Downloads a marketplace.json (formats.md §2.4). Throws `E_OFFLINE`, `E_NETWORK`, `E_AUTH`, `E_TIMEOUT`, `E_LIMIT_SIZE` or `E_SOURCE_BLOCKED`. */
export async function downloadCatalog(
  address: string,
  etag: string | undefined,
  options: DownloadOptions,
): Promise<Download | "unchanged"> {
  if (options.offline) {
    throw new CodedError("E_OFFLINE", `\`${address}\` must be asked, but \`--offline\` was given`, {
      hint: "run it once without `--offline`",
    });
  }
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const signal = AbortSignal.any([options.signal, deadline]);
  let url = new URL(options.rewrites.web(address));
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const response = await fetch(url, {
        redirect: "manual",
        signal,
        headers: { accept: "application/json", ...(etag === undefined ? {} : { "if-none-match": etag }) },
      });
      if (response.status === 304 && etag !== undefined) return "unchanged";
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        url = redirectTarget(url, location);
        options.checkAddress(url.href);
        continue;
      }
      if (!response.ok) throw refused(url, response.status);
      const bytes = await readBounded(response, url);
      const tag = response.headers.get("etag");
      return { bytes, ...(tag === null ? {} : { etag: tag }) };
    }
  } catch (error) {
    if (isCodedError(error)) throw error;
    if (options.signal.aborted)
      throw new CodedError("E_INTERRUPTED", `interrupted while downloading \`${address}\``, { cause: error });
    if (deadline.aborted) {
      throw new CodedError("E_TIMEOUT", `\`${url.href}\` did not answer within ${DEADLINE_MS / 1000} s`, {
        hint: "try again later",
        cause: error,
      });
    }
    throw new CodedError("E_NETWORK", `\`${url.href}\` could not be reached: ${reasonOf(error)}`, {
      hint: "check the address and the connection; `--offline` uses what is already here",
      cause: error,
    });
  }
  throw new CodedError("E_NETWORK", `\`${address}\` redirects more than ${MAX_REDIRECTS} times`, {
    hint: "use the final address",
  });
}

function refused(url: URL, status: number): CodedError {
  const hint = status === 404 ? "check the spelling of the address" : "try again later";
  return new CodedError(
    status === 401 || status === 403 ? "E_AUTH" : "E_NETWORK",
    `\`${url.href}\` answered ${status}`,
    { hint },
  );
}

async function readBounded(response: Response, url: URL): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new CodedError("E_LIMIT_SIZE", `\`${url.href}\` sends more than ${MAX_BYTES} bytes`, {
        hint: "a catalog of that size belongs into a git repository",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
