import { createHash } from "node:crypto";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { hasIntegrity, keepContent, keptContent } from "./content-cache.ts";
import { registryFailure } from "./registry-failure.ts";
import { requestRegistry } from "./registry-request.ts";
import type { RegistrySettings } from "./registry-settings.ts";

/** A tarball to fetch. */
export interface TarballRequest {
  /** Or how to find it, which is asked only when the cache has not what is wanted. */
  readonly address: string | (() => Promise<string>);
  /** Subresource integrity that its bytes must have. */
  readonly integrity: string;
  /** `name@version` in backticks. */
  readonly label: string;
}

/** How tarballs are fetched. */
export interface DownloadOptions {
  readonly options: RegistrySettings["options"];
  /** Directory that keeps what was fetched, by digest. */
  readonly cache: string;
  readonly offline: boolean;
  /** The person's interruption. */
  readonly signal: AbortSignal;
  /** How long all of them may take together. */
  readonly timeoutMs: number;
  /** How large all of them may be together. */
  readonly maxBytes: number;
  readonly progress: (done: number) => void;
}

const CONCURRENCY = 8;

/**
 * Fetches tarballs, at most eight at once, from the cache where it has them, and compares each with its digest. In the order of the requests.
 * Throws `E_INTEGRITY`, `E_NETWORK`, `E_AUTH`, `E_OFFLINE`, `E_TIMEOUT`, `E_LIMIT_SIZE`, `E_IO` and `E_INTERRUPTED`.
 */
export async function downloadTarballs(
  requests: readonly TarballRequest[],
  options: DownloadOptions,
): Promise<readonly Uint8Array[]> {
  const failed = new AbortController();
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline, failed.signal]);
  const download = new Download(options, signal);
  const tarballs: Uint8Array[] = [];
  const waiting = [...requests.entries()];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, request] = next;
      signal.throwIfAborted();
      tarballs[at] = await download.one(request);
      done += 1;
      options.progress(done);
    }
  };
  // Every worker has ended before the first failure is told, so that nothing goes on behind the caller's back.
  const workers = Array.from({ length: Math.min(CONCURRENCY, requests.length) }, async () => {
    try {
      await work();
      return undefined;
    } catch (error) {
      const first = failed.signal.aborted ? undefined : error;
      failed.abort();
      return first;
    }
  });
  const [failure] = (await Promise.all(workers)).filter((error) => error !== undefined);
  if (failure === undefined) return tarballs;
  if (options.signal.aborted)
    throw new CodedError("E_INTERRUPTED", "interrupted while npm packages were downloaded", { cause: failure });
  if (deadline.aborted) {
    throw new CodedError("E_TIMEOUT", `the npm packages did not arrive within ${options.timeoutMs / 1_000} seconds`, {
      hint: "`plugin sync` goes on with those that are missing",
      cause: failure,
    });
  }
  throw failure;
}

/** One download of several tarballs, which share a limit. */
class Download {
  readonly #options: DownloadOptions;
  readonly #signal: AbortSignal;
  #bytes = 0;

  constructor(options: DownloadOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  async one(request: TarballRequest): Promise<Uint8Array> {
    const { cache, offline } = this.#options;
    const kept = await keptContent(cache, request.integrity);
    if (kept !== undefined) {
      this.#count(kept.length, request);
      return kept;
    }
    if (offline) {
      throw new CodedError("E_OFFLINE", `the package ${request.label} is not on this machine`, {
        hint: "run `plugin sync` without `--offline`",
      });
    }
    const address = typeof request.address === "string" ? request.address : await request.address();
    const bytes = await this.#fetch(address, request);
    checkIntegrity(bytes, address, request);
    await keepContent(cache, request.label, bytes, request.integrity);
    return bytes;
  }

  async #fetch(address: string, request: TarballRequest): Promise<Uint8Array> {
    try {
      return await requestRegistry(address, {
        options: this.#options.options,
        signal: this.#signal,
        timeoutMs: this.#options.timeoutMs,
        onBytes: (count) => this.#count(count, request),
      });
    } catch (error) {
      throw isCodedError(error) ? error : registryFailure(error, address, `the package ${request.label}`);
    }
  }

  #count(bytes: number, { label }: TarballRequest): void {
    this.#bytes += bytes;
    const { maxBytes } = this.#options;
    if (this.#bytes <= maxBytes) return;
    throw new CodedError("E_LIMIT_SIZE", `the tarballs up to that of ${label} have more than ${maxBytes} bytes`, {
      hint: "the plugin has to do with fewer packages",
    });
  }
}

function checkIntegrity(bytes: Uint8Array, address: string, { integrity, label }: TarballRequest): void {
  if (hasIntegrity(bytes, integrity)) return;
  const got = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  throw new CodedError("E_INTEGRITY", `\`${address}\` is not the package ${label} that was locked`, {
    hint: "the registry sends other bytes than those that its digest was made of: do not use it before you know why",
    data: { integrity, got },
  });
}
