import { ResponseError } from "vscode-jsonrpc/node";
import { ERROR_CODES, isCodedError, type ErrorCode } from "../../../schemas/errors.ts";
import type { WireError } from "./messages.ts";

/** The number of an error that the other side's code threw; JSON-RPC leaves it to us. */
const FAILED = -32_000;
const MAX_MESSAGE = 4_000;

/** An error as it is sent; stacks stay on their side. */
export function toWire(error: unknown): ResponseError<WireError> {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  if (!isCodedError(error)) return new ResponseError(FAILED, message, {});
  return new ResponseError(FAILED, message, { code: error.code, hint: error.hint });
}

/** What the other side said of an error. */
export function fromWire(error: unknown): {
  readonly message: string;
  readonly code: ErrorCode | undefined;
  readonly hint: string | undefined;
} {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, MAX_MESSAGE);
  const data: unknown = error instanceof ResponseError ? error.data : undefined;
  const { code, hint } = typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  return {
    message,
    code: typeof code === "string" && Object.hasOwn(ERROR_CODES, code) ? (code as ErrorCode) : undefined,
    hint: typeof hint === "string" ? hint.slice(0, MAX_MESSAGE) : undefined,
  };
}
