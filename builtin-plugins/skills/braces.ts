/** Patterns that the braces of one list expand to at most (formats.md §4.3). */
const MAX_PATTERNS = 1_000;
/** Characters that they have together at most. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Expands `{a,b}` in a list of patterns within the budget; a pattern that would pass it is used as it is written. */
export function expandBraces(patterns: readonly string[]): readonly string[] {
  const expanded: string[] = [];
  let characters = 0;
  for (const pattern of patterns) {
    const own: string[] = [];
    let size = 0;
    for (const each of alternatives(pattern)) {
      own.push(each);
      size += each.length;
      if (expanded.length + own.length > MAX_PATTERNS || characters + size > MAX_CHARACTERS) break;
    }
    const fits = expanded.length + own.length <= MAX_PATTERNS && characters + size <= MAX_CHARACTERS;
    expanded.push(...(fits ? own : [pattern]));
    characters += fits ? size : pattern.length;
  }
  return expanded;
}

/** What a pattern expands to, one after the other: nobody waits for more than the budget. */
function* alternatives(pattern: string): Generator<string> {
  const group = firstGroup(pattern);
  if (group === undefined) {
    yield pattern;
    return;
  }
  const { before, parts, after } = group;
  for (const part of parts) {
    for (const inner of alternatives(part)) {
      for (const rest of alternatives(after)) yield `${before}${inner}${rest}`;
    }
  }
}

interface Group {
  readonly before: string;
  readonly parts: readonly string[];
  readonly after: string;
}

/** The first group with a comma; other braces stand for themselves. */
function firstGroup(pattern: string): Group | undefined {
  for (let open = pattern.indexOf("{"); open !== -1; open = pattern.indexOf("{", open + 1)) {
    if (pattern[open - 1] === "\\") continue;
    const parts: string[] = [];
    let depth = 0;
    let start = open + 1;
    for (let at = open + 1; at < pattern.length; at += 1) {
      const character = pattern[at];
      if (character === "\\") at += 1;
      else if (character === "{") depth += 1;
      else if (character === "," && depth === 0) {
        parts.push(pattern.slice(start, at));
        start = at + 1;
      } else if (character === "}" && depth > 0) depth -= 1;
      else if (character === "}") {
        if (parts.length === 0) break;
        parts.push(pattern.slice(start, at));
        return { before: pattern.slice(0, open), parts, after: pattern.slice(at + 1) };
      }
    }
  }
  return undefined;
}
