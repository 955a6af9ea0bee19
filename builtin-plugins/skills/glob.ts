import picomatch from "picomatch";

/** Longest pattern that is looked at (attacks.md §0). */
const MAX_LENGTH = 1_024;
/** Stars beside a character class in one segment: each multiplies what its expression may try. */
const MAX_STARS_BESIDE_CLASS = 3;

/** One part of a pattern between slashes. */
type Part =
  | { readonly kind: "any" }
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "wild"; readonly text: string }
  | { readonly kind: "class"; readonly expression: RegExp }
  | { readonly kind: "never" };

/** A pattern of a file's path below some folder, cut at its slashes; what its parts mean is worked out when it is first tried. */
export class Glob {
  readonly text: string;
  /** The parts as written; a pattern that is too long has none and matches nothing. */
  readonly segments: readonly string[];
  #parts: readonly Part[] | undefined;

  constructor(text: string) {
    this.text = text;
    const path = text.replace(/^(?:\.?\/)+/u, "");
    const written = text.length > MAX_LENGTH ? [] : path.split("/").filter((segment) => segment !== "");
    // A plain name at the end, or a slash, means a folder and everything below it too.
    const folder = path.endsWith("/") || isLiteral(written.at(-1) ?? "*");
    this.segments = written.length > 0 && folder ? [...written, "**"] : written;
  }

  /** Whether a path, cut at its slashes, matches; time is bounded by the product of the lengths. */
  matches(path: readonly string[]): boolean {
    if (this.segments.length === 0) return false;
    this.#parts ??= this.segments.map(partOf);
    const parts = this.#parts;
    let part = 0;
    let backPart = -1;
    let backAt = 0;
    for (let at = 0; at < path.length;) {
      const now = parts[part];
      if (now?.kind === "any") {
        backPart = part;
        backAt = at;
        part += 1;
      } else if (now !== undefined && fits(now, path[at] ?? "")) {
        part += 1;
        at += 1;
      } else if (backPart >= 0) {
        backAt += 1;
        at = backAt;
        part = backPart + 1;
      } else return false;
    }
    while (parts[part]?.kind === "any") part += 1;
    return part === parts.length;
  }
}

/** Whether a part of a pattern stands for itself. */
export function isLiteral(segment: string): boolean {
  return !/[*?[\]\\]/u.test(segment);
}

function partOf(segment: string): Part {
  if (segment === "**") return { kind: "any" };
  if (isLiteral(segment)) return { kind: "literal", text: segment };
  if (!/[[\]\\]/u.test(segment)) return { kind: "wild", text: segment.replaceAll(/\*{2,}/gu, "*") };
  const unescaped = segment.replaceAll(/\\./gu, "");
  const stars = unescaped.split("*").length - 1;
  const opens = unescaped.indexOf("[");
  if (stars > MAX_STARS_BESIDE_CLASS || (opens !== -1 && !unescaped.includes("]", opens + 2))) return { kind: "never" };
  try {
    const expression = picomatch.makeRe(segment, { dot: true, nobrace: true, noext: true, nonegate: true });
    return { kind: "class", expression };
  } catch {
    // E.g. a range that runs backwards: the pattern matches nothing, the others of its list still count.
    return { kind: "never" };
  }
}

function fits(part: Part, name: string): boolean {
  switch (part.kind) {
    case "any":
      return true;
    case "literal":
      return part.text === name;
    case "wild":
      return wildcard(part.text, name);
    case "class":
      return part.expression.test(name);
    case "never":
      return false;
  }
}

/** `*` and `?` without an expression that could go back and forth: at most pattern times name steps. */
function wildcard(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < name.length;) {
    const character = pattern[at];
    if (character === "*") {
      star = at;
      resume = index;
      at += 1;
    } else if (character === "?" || character === name[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      resume += 1;
      index = resume;
      at = star + 1;
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}
