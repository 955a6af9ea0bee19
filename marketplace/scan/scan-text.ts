import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { SCAN_RULES, type TextKind } from "./scan-rules.ts";

/** How often one rule is told of one text. */
const MAX_REPEATS = 3;
/** Characters before a match that an exception may look at. */
const BEFORE = 4;

/** Looks through one text; every finding has its place. What was found is described, and never repeated where it is a key. */
export function scanText(text: string, kind: TextKind, file: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  let lines: readonly number[] | undefined;
  for (const { code, pattern, severity, message, except } of SCAN_RULES) {
    const level = severity[kind];
    if (level === undefined) continue;
    let repeats = 0;
    for (const match of text.matchAll(pattern)) {
      if (except?.(match[0], text.slice(Math.max(0, match.index - BEFORE), match.index)) === true) continue;
      repeats += 1;
      if (repeats > MAX_REPEATS) break;
      lines ??= lineStarts(text);
      found.push({ code, severity: level, message: `\`${file}\` ${message}`, file, ...placeOf(lines, match.index) });
    }
  }
  return found;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

function placeOf(starts: readonly number[], index: number): { readonly line: number; readonly column: number } {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= index) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: index - (starts[low] ?? 0) + 1 };
}
