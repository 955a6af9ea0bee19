import { isCodedError, type ErrorCode } from "../schemas/errors.ts";

/** What the process answers to its caller; the list is part of the public contract. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 3, unsatisfiable: 4, interrupted: 130 } as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Every code that is not listed answers `failed`. */
const EXIT_BY_CODE: Readonly<Partial<Record<ErrorCode, ExitCode>>> = {
  E_USAGE: EXIT.usage,
  E_SOURCE_BLOCKED: EXIT.refused,
  E_SOURCE_REPLACED: EXIT.refused,
  E_POLICY_INVALID: EXIT.refused,
  E_TRUST: EXIT.refused,
  E_UNSATISFIABLE: EXIT.unsatisfiable,
  E_INTERRUPTED: EXIT.interrupted,
};

/** When several things went wrong: interrupted, then refused before unsatisfiable before usage before failed. */
const WORST_FIRST: readonly ExitCode[] = [EXIT.interrupted, EXIT.refused, EXIT.unsatisfiable, EXIT.usage, EXIT.failed];

/** The exit code of several failures. */
export function worstExit(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.failed;
}

/** The exit code for a thrown value; an abort of our own signal is an interruption. */
export function exitCodeOf(error: unknown): ExitCode {
  if (isCodedError(error)) return EXIT_BY_CODE[error.code] ?? EXIT.failed;
  if (error instanceof AggregateError && error.errors.length > 0) {
    return worstExit(error.errors.map((inner: unknown) => exitCodeOf(inner)));
  }
  if (error instanceof Error && error.name === "AbortError") return EXIT.interrupted;
  return EXIT.failed;
}
