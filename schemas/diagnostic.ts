import type { ErrorCode } from "./errors.ts";

/** `error`: something was dropped or refused, or is what only an attack has a use for; `warning`: it works, but not as its author may think; `info`: good to know; `advice`: for its author, what could be better. */
export type Severity = "error" | "warning" | "info" | "advice";

/** A located finding about somebody's file. `line` and `column` count from 1. */
export interface Diagnostic {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly message: string;
  /** Path relative to the tree that was read, POSIX separators. */
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly hint?: string | undefined;
  /** What was dropped because of it, e.g. `skill`, `command`, `hook`, `plugin`; absent when nothing was. */
  readonly dropped?: string | undefined;
}

/** An error code, or the code of a warning, a note or advice (`W_…`, `I_…`, `A_…`), see `schemas/diagnostic-codes.ts`. */
export type DiagnosticCode = ErrorCode | `W_${string}` | `I_${string}` | `A_${string}`;

/** A value with the findings that were made while obtaining it. */
export interface Diagnosed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}
