import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { bold, dim, red, yellow } from "./style.ts";

/** `file:line:column` as far as it is known. */
export function placeText(place: {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}): string | undefined {
  if (place.file === undefined) return undefined;
  const parts = [
    place.file,
    ...(place.line === undefined ? [] : [place.line, ...(place.column === undefined ? [] : [place.column])]),
  ];
  return parts.join(":");
}

const WORDS = { error: red("error:"), warning: yellow("warning:"), info: "info:", advice: "advice:" } as const;

/** One finding as lines in the form of an error. */
export function diagnosticLines(
  diagnostic: Diagnostic & { readonly id?: string | undefined },
  indent = "",
): readonly string[] {
  const owner = diagnostic.id === undefined ? "" : `${diagnostic.id}: `;
  const dropped = diagnostic.dropped === undefined ? "" : `; the ${diagnostic.dropped} is dropped`;
  const [first = "", ...more] = diagnostic.message.split("\n");
  const lines = [`${indent}${WORDS[diagnostic.severity]} ${owner}${first}${dropped} ${dim(`(${diagnostic.code})`)}`];
  lines.push(...more.map((line) => `${indent}  ${line}`));
  const place = placeText(diagnostic);
  if (place !== undefined) lines.push(`${indent}  at ${place}`);
  if (diagnostic.hint !== undefined) lines.push(`${indent}  ${bold("hint:")} ${diagnostic.hint}`);
  return lines;
}

/** Findings alike of one plugin that a plan shows. */
const MAX_ALIKE = 3;

/** Findings for a plan: of those with one code in one plugin the first few, the others counted. */
export function diagnosticSummary(
  diagnostics: readonly (Diagnostic & { readonly id?: string | undefined })[],
  indent: string,
): readonly string[] {
  const groups = Map.groupBy(diagnostics, ({ id, code, severity }) => JSON.stringify([id, severity, code]));
  return [...groups.values()].flatMap((alike) => {
    const shown = alike.length > MAX_ALIKE + 1 ? alike.slice(0, MAX_ALIKE) : alike;
    const [first] = alike;
    const lines = shown.flatMap((diagnostic) => diagnosticLines(diagnostic, indent));
    if (first === undefined || shown.length === alike.length) return lines;
    const owner = first.id === undefined ? "" : `${first.id}: `;
    return [
      ...lines,
      `${indent}${WORDS[first.severity]} ${owner}${String(alike.length - shown.length)} more ${dim(`(${first.code})`)}`,
    ];
  });
}

/** How many errors and warnings there are, in words. */
export function diagnosticCounts(diagnostics: readonly Diagnostic[]): string {
  const count = (severity: Diagnostic["severity"]): number =>
    diagnostics.filter((diagnostic) => diagnostic.severity === severity).length;
  const word = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
  return `${word(count("error"), "error")}, ${word(count("warning"), "warning")}`;
}
