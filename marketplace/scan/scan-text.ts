import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { LinePositions } from "../../schemas/text-position.ts";
import { SCAN_RULES, type TextKind } from "./scan-rules.ts";

/** How often one rule is told of one text. */
const MAX_REPEATS = 3;
/** Characters before a match that an exception may look at. */
const BEFORE = 4;

/** Looks through one text; every finding has its place. What was found is described, and never repeated where it is a key. */
export function scanText(text: string, kind: TextKind, file: string): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const lines = new LinePositions(text);
  for (const { code, pattern, severity, message, except } of SCAN_RULES) {
    const level = severity[kind];
    if (level === undefined) continue;
    let repeats = 0;
    for (const match of text.matchAll(pattern)) {
      if (except?.(match[0], text.slice(Math.max(0, match.index - BEFORE), match.index)) === true) continue;
      repeats += 1;
      if (repeats > MAX_REPEATS) break;
      found.push({ code, severity: level, message: `\`${file}\` ${message}`, file, ...lines.at(match.index) });
    }
  }
  return found;
}
