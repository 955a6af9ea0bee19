import type { Diagnostic, DiagnosticCode } from "../diagnostic.ts";
import { isCodedError } from "../errors.ts";
import type { Provenance } from "../plugin-manifest.ts";
import { positionIn } from "../text-position.ts";

/** What a finding may carry beside its message. */
export interface FindingDetails {
  readonly hint?: string | undefined;
  /** The kind of thing that is dropped because of it. */
  readonly dropped?: string | undefined;
}

/** Collects diagnostics in the order in which a reader makes them. */
export class Findings {
  readonly #list: Diagnostic[] = [];

  error(code: DiagnosticCode, message: string, where: Provenance, details: FindingDetails = {}): void {
    this.#list.push({ code, severity: "error", message, ...placed(where), ...details });
  }

  warn(code: DiagnosticCode, message: string, where: Provenance, details: FindingDetails = {}): void {
    this.#list.push({ code, severity: "warning", message, ...placed(where), ...details });
  }

  info(code: DiagnosticCode, message: string, where: Provenance, details: FindingDetails = {}): void {
    this.#list.push({ code, severity: "info", message, ...placed(where), ...details });
  }

  /** Adds findings made elsewhere; `dropped` is put on the errors among them. */
  include(diagnostics: readonly Diagnostic[], dropped?: string): void {
    for (const diagnostic of diagnostics) {
      this.#list.push(
        dropped === undefined || diagnostic.severity !== "error" ? diagnostic : { ...diagnostic, dropped },
      );
    }
  }

  /** Turns a `CodedError` into a finding; anything else is rethrown. */
  caught(problem: unknown, file: string, dropped: string): void {
    if (!isCodedError(problem)) throw problem;
    const at = positionIn(problem.where) ?? { line: 1, column: 1 };
    this.error(problem.code, problem.message, { file, ...at }, { hint: problem.hint, dropped });
  }

  /** Whether an error was found. */
  get failed(): boolean {
    return this.#list.some(({ severity }) => severity === "error");
  }

  all(): readonly Diagnostic[] {
    return this.#list;
  }
}

function placed(where: Provenance): Pick<Diagnostic, "file" | "line" | "column"> {
  return { file: where.file, line: where.line ?? 1, column: where.column ?? 1 };
}
