import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { type Answer, requestAnswer } from "../packages/registry-request.ts";

/** How a registry of images is asked. */
export interface RegistryQuestion {
  readonly method: "GET" | "HEAD";
  readonly accept: string;
  /** Goes to the origin of the address, to no other that it leads to. */
  readonly authorization: string | undefined;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 20_000;
/** What registries themselves allow for a manifest. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * The answer at an address of a registry, also when it is a refusal. Throws `E_SOURCE_BLOCKED`, `E_LIMIT_SIZE`, `E_NETWORK`, and the
 * reason of an aborted signal.
 */
export async function askRegistry(
  first: URL,
  { method, accept, authorization, signal }: RegistryQuestion,
): Promise<Answer> {
  let size = 0;
  try {
    return await requestAnswer(first, {
      method,
      optionsFor: ({ origin }) => ({
        headers: { accept, ...(authorization === undefined || origin !== first.origin ? {} : { authorization }) },
        timeout: TIMEOUT_MS,
        retry: { retries: 1, minTimeout: 100 },
      }),
      signal,
      onBytes: (count) => {
        size += count;
        if (size > MAX_BYTES) throw tooLarge(first);
      },
    });
  } catch (error) {
    signal.throwIfAborted();
    if (isCodedError(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError("E_NETWORK", `\`${first.host}\` could not be reached: ${why}`, {
      hint: "check the name of the image and the connection",
      cause: error,
    });
  }
}

function tooLarge({ host }: URL): CodedError {
  return new CodedError("E_LIMIT_SIZE", `\`${host}\` sends more than ${String(MAX_BYTES)} bytes for a manifest`, {
    hint: "ask whoever runs the registry",
  });
}
