import type { Diagnostic } from "vscode-languageserver-protocol/node";

const MAX_DIAGNOSTICS = 50;
const SEVERITIES: readonly string[] = ["", "error", "warning", "info", "hint"];

/** Diagnostics of one file as lines for the model; lines and columns count from 1. */
export function diagnosticLines(file: string, diagnostics: readonly Diagnostic[]): readonly string[] {
  const sorted = diagnostics.toSorted(
    (left, right) => (left.severity ?? 1) - (right.severity ?? 1) || left.range.start.line - right.range.start.line,
  );
  const lines = sorted.slice(0, MAX_DIAGNOSTICS).map(({ range, severity, source, code, message }) => {
    const place = `${file}:${String(range.start.line + 1)}:${String(range.start.character + 1)}`;
    const from = [source, code].filter((part) => part !== undefined).join(" ");
    const text = typeof message === "string" ? message : message.value;
    return `${place} ${SEVERITIES[severity ?? 1] ?? "error"}: ${text}${from === "" ? "" : ` (${from})`}`;
  });
  const more = diagnostics.length - lines.length;
  return more === 0 ? lines : [...lines, `${file}: ${String(more)} more diagnostics`];
}
