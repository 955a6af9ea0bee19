import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { isPrivateHost } from "../sources/private-host.ts";
import { redirectTarget } from "../sources/redirect.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";

/** How an archive is fetched. */
export interface ArchiveRequest {
  /** Of the catalog's entry; never shown to another origin than that of the address. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Throws for an address that is not allowed; not asked about an administrator's mirror, which may be anywhere. */
  readonly checkAddress: (url: URL) => void;
  readonly rewrites: Pick<SourceRewrites, "web">;
}

const MAX_BYTES = 100 * 1024 * 1024;
const DEADLINE_MS = 120_000;
const MAX_REDIRECTS = 5;

/** The rule for addresses of archives: public ones over https. Throws `E_SOURCE_BLOCKED`. */
export function checkPublicAddress(url: URL): void {
  if (url.protocol === "https:" && !isPrivateHost(url.hostname)) return;
  throw new CodedError("E_SOURCE_BLOCKED", `\`${url.origin}\` is no public https address`, {
    hint: "archives come over https from hosts outside your network",
  });
}

/** Downloads an archive. Throws `E_NETWORK`, `E_AUTH`, `E_TIMEOUT`, `E_LIMIT_ARCHIVE`, `E_SOURCE_BLOCKED` or `E_INTERRUPTED`. */
export async function downloadArchive(address: string, request: ArchiveRequest): Promise<Buffer> {
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const signal = AbortSignal.any([request.signal, deadline]);
  request.checkAddress(new URL(address));
  const there = request.rewrites.web(address);
  const first = new URL(there);
  // A mirror is not meant to see what opens the original.
  const { headers: own, checkAddress } = there === address ? request : { headers: {}, checkAddress: () => undefined };
  let url = first;
  try {
    for (let hops = 0; hops <= MAX_REDIRECTS; hops += 1) {
      const headers = url.origin === first.origin ? own : {};
      const response = await fetch(url, { redirect: "manual", signal, headers });
      const location = response.headers.get("location");
      if (response.status >= 300 && response.status < 400 && location !== null) {
        url = redirectTarget(url, location);
        checkAddress(url);
        continue;
      }
      if (!response.ok) throw refused(url, response.status);
      return await readBounded(response, url);
    }
  } catch (error) {
    if (isCodedError(error)) throw error;
    if (request.signal.aborted)
      throw new CodedError("E_INTERRUPTED", `interrupted while downloading \`${address}\``, { cause: error });
    const why =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    throw deadline.aborted
      ? new CodedError("E_TIMEOUT", `\`${url.href}\` did not arrive within ${DEADLINE_MS / 1_000} seconds`, {
          hint: "try again later",
          cause: error,
        })
      : new CodedError("E_NETWORK", `\`${url.href}\` could not be fetched: ${why}`, {
          hint: "check the address and the connection",
          cause: error,
        });
  }
  throw new CodedError("E_NETWORK", `\`${address}\` redirects more than ${MAX_REDIRECTS} times`, {
    hint: "use the final address",
  });
}

function refused(url: URL, status: number): CodedError {
  const isAuth = status === 401 || status === 403;
  const hint = isAuth ? "the entry of the catalog must have the right `headers`" : "ask the owner of the catalog";
  return new CodedError(isAuth ? "E_AUTH" : "E_NETWORK", `\`${url.href}\` answered ${status}`, { hint });
}

async function readBounded(response: Response, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new CodedError("E_LIMIT_ARCHIVE", `\`${url.href}\` sends more than ${MAX_BYTES} bytes`, {
        hint: "a plugin of that size belongs into a git repository",
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
