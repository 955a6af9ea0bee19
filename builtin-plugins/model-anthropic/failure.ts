import { messageOf, ModelError, type ModelFailure } from "plugsmith/plugin-api";
import { BrokenAnswer } from "./answer.ts";

/** What the API's own error types mean. */
const FAILURES: Readonly<Record<string, ModelFailure>> = {
  authentication_error: "authentication_failed",
  permission_error: "authentication_failed",
  billing_error: "billing_error",
  invalid_request_error: "invalid_request",
  request_too_large: "context_overflow",
  not_found_error: "model_not_found",
  rate_limit_error: "rate_limit",
  overloaded_error: "overloaded",
  api_error: "server_error",
  timeout_error: "server_error",
};

const OVERLOADED_STATUS = 529;
const RETRIED: ReadonlySet<ModelFailure> = new Set(["rate_limit", "overloaded", "server_error"]);
const HINTS: Partial<Readonly<Record<ModelFailure, string>>> = {
  authentication_failed: "check `ANTHROPIC_API_KEY` (or `ANTHROPIC_AUTH_TOKEN`)",
  billing_error: "look at the billing page of the account that the key belongs to",
  model_not_found: "name another model with `--model`",
  context_overflow: "start a new session, or remove what is large",
};

/** What is known about a failed attempt. */
export interface Failed {
  readonly failure: ModelFailure;
  readonly message: string;
  /** Whether the same request may succeed later. */
  readonly retried: boolean;
  /** How long the service asks to wait. */
  readonly retryAfterMs: number | undefined;
}

/** Reads what the SDK threw. */
export function failed(error: unknown): Failed {
  if (error instanceof BrokenAnswer) return broken(error.message);
  // The SDK's errors are told by their fields: its classes would have to be loaded to be compared with.
  const { status, type, headers, apiMessage } = (error ?? {}) as {
    readonly status?: unknown;
    readonly type?: unknown;
    readonly headers?: unknown;
    readonly apiMessage?: unknown;
  };
  const said = typeof apiMessage === "string" ? apiMessage : messageOf(error);
  const named = typeof type === "string" ? FAILURES[type] : undefined;
  if (typeof status !== "number" && named === undefined) return broken(`${said}${innermost(error)}`);
  const byStatus = typeof status === "number" ? statusFailure(status) : "server_error";
  const failure = isOverflow(said) ? "context_overflow" : (named ?? byStatus);
  const retried = RETRIED.has(failure) || (typeof status === "number" && (status === 408 || status === 409));
  return {
    failure,
    message: said,
    retried,
    retryAfterMs: headers instanceof Headers ? retryAfter(headers) : undefined,
  };
}

/** The error that a person reads, with what to do. */
export function modelError({ failure, message }: Failed, cause: unknown): ModelError {
  const hint = HINTS[failure];
  return new ModelError(failure, hint === undefined ? message : `${message}; ${hint}`, { cause });
}

/** The system's own word for it, e.g. `ECONNREFUSED`, which lies below what the SDK and `fetch` say. */
function innermost(error: unknown): string {
  let at: unknown = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (at === error || !(at instanceof Error)) return "";
  return ` (${"code" in at ? String(at.code) : at.message})`;
}

function broken(message: string): Failed {
  return {
    failure: "server_error",
    message: `the connection broke: ${message}`,
    retried: true,
    retryAfterMs: undefined,
  };
}

function statusFailure(status: number): ModelFailure {
  if (status === 401 || status === 403) return "authentication_failed";
  if (status === 404) return "model_not_found";
  if (status === 413) return "context_overflow";
  if (status === 429) return "rate_limit";
  if (status === OVERLOADED_STATUS) return "overloaded";
  return status >= 500 ? "server_error" : "invalid_request";
}

function isOverflow(message: string): boolean {
  return /prompt is too long|exceeds? (?:the )?(?:model's )?(?:maximum )?context|input length and `max_tokens` exceed/iu.test(
    message,
  );
}

/** `retry-after` is seconds or a date (RFC 9110 §10.2.3); `retry-after-ms` is more exact. */
function retryAfter(headers: Headers): number | undefined {
  const exact = Number.parseFloat(headers.get("retry-after-ms") ?? "");
  if (exact >= 0) return exact;
  const written = headers.get("retry-after");
  if (written === null) return undefined;
  const seconds = Number(written);
  const ms = Number.isNaN(seconds) ? Date.parse(written) - Date.now() : seconds * 1_000;
  return ms >= 0 ? ms : undefined;
}
