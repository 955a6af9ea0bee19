import type { Diagnostic } from "../../schemas/diagnostic.ts";

/** Leaves out what a reader says of hidden characters where the scan says of the same line which ones they are. */
export function toldOnce(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const place = ({ file, line }: Diagnostic): string => `${file ?? ""}:${String(line ?? 0)}`;
  const scanned = new Set(diagnostics.filter(({ code }) => code === "W_SCAN_HIDDEN").map(place));
  return diagnostics.filter((one) => one.code !== "W_HIDDEN_TEXT" || !scanned.has(place(one)));
}
