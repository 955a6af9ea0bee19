import type { FoundLine, GrepRequest } from "./search-request.ts";

const MAX_LINE_CHARACTERS = 500;

/** What of a text matches, with the lines around it. */
export function matchLines(
  text: string,
  pattern: RegExp,
  { multiline, lines: wantsLines, before, after }: GrepRequest,
): { readonly matches: number; readonly lines: readonly FoundLine[] } {
  const lines = text.split(/\r?\n/u);
  if (lines.at(-1) === "") lines.pop();
  const matching = multiline ? spanned(text, pattern) : single(lines, pattern);
  if (!wantsLines || matching.lines.size === 0) return { matches: matching.count, lines: [] };
  const shown = new Set<number>();
  for (const at of matching.lines) {
    for (let line = Math.max(0, at - before); line <= Math.min(lines.length - 1, at + after); line += 1)
      shown.add(line);
  }
  return {
    matches: matching.count,
    lines: [...shown]
      .sort((left, right) => left - right)
      .map((at) => ({ number: at + 1, text: cut(lines[at] ?? ""), isMatch: matching.lines.has(at) })),
  };
}

interface Matching {
  readonly count: number;
  /** Counted from 0. */
  readonly lines: ReadonlySet<number>;
}

function single(lines: readonly string[], pattern: RegExp): Matching {
  const found = new Set<number>();
  for (const [at, line] of lines.entries()) if (pattern.test(line)) found.add(at);
  return { count: found.size, lines: found };
}

function spanned(text: string, pattern: RegExp): Matching {
  const found = new Set<number>();
  let [count, at, line] = [0, 0, 0];
  const advance = (to: number): void => {
    for (; at < to; at += 1) if (text.charCodeAt(at) === 10) line += 1;
  };
  for (const match of text.matchAll(pattern)) {
    count += 1;
    advance(match.index);
    found.add(line);
    const end = match.index + match[0].length;
    for (let next = text.indexOf("\n", at); next !== -1 && next < end - 1; next = text.indexOf("\n", at)) {
      advance(next + 1);
      found.add(line);
    }
  }
  return { count, lines: found };
}

function cut(line: string): string {
  return line.length > MAX_LINE_CHARACTERS ? `${line.slice(0, MAX_LINE_CHARACTERS)}…` : line;
}
