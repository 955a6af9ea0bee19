/** One import, re-export or literal dynamic import of a TypeScript file. */
export interface ImportStatement {
  readonly specifier: string;
  readonly line: number;
  /** Erased by the type stripper as a whole; `import { type A }` is not, it still loads the module. */
  readonly typeOnly: boolean;
  readonly dynamic: boolean;
  /** The text between the keyword and `from`, without a leading `type`; empty for side-effect imports. */
  readonly clause: string;
  readonly kind: "import" | "export";
}

interface Masked {
  /** The source with comments blanked and every plain string replaced by `"<index>"`; line breaks are kept. */
  readonly text: string;
  readonly strings: readonly string[];
}

/** After one of these characters or words a slash starts a regular expression, not a division. */
const BEFORE_REGEXP = /(?:^|[([{,;:=!&|?+\-*%~^<>}]|\b(?:return|typeof|case|in|of|void|delete|throw|new|await|yield))$/;

function endOfRegexp(source: string, start: number): number {
  let inClass = false;
  for (let at = start + 1; at < source.length; at += 1) {
    const char = source[at];
    if (char === "\\") at += 1;
    else if (char === "\n") return start + 1;
    else if (char === "[") inClass = true;
    else if (char === "]") inClass = false;
    else if (char === "/" && !inClass) return at + 1;
  }
  return start + 1;
}

function endOfString(source: string, start: number): number {
  const quote = source[start];
  for (let at = start + 1; at < source.length; at += 1) {
    if (source[at] === "\\") at += 1;
    else if (source[at] === quote) return at + 1;
  }
  return source.length;
}

const blank = (text: string): string => text.replaceAll(/[^\n]/gu, " ");

function mask(source: string): Masked {
  const strings: string[] = [];
  /** Depth of braces inside each open template substitution. */
  const templates: number[] = [];
  let text = "";
  let at = 0;
  const template = (): void => {
    while (at < source.length) {
      if (source[at] === "\\") {
        text += "  ";
        at += 2;
      } else if (source[at] === "`") {
        text += "`";
        at += 1;
        return;
      } else if (source.startsWith("${", at)) {
        templates.push(0);
        text += "{";
        at += 2;
        return;
      } else {
        text += source[at] === "\n" ? "\n" : " ";
        at += 1;
      }
    }
  };
  while (at < source.length) {
    const char = source[at] ?? "";
    if (source.startsWith("//", at) || (at === 0 && source.startsWith("#!"))) {
      const end = source.indexOf("\n", at);
      at = end === -1 ? source.length : end;
    } else if (source.startsWith("/*", at)) {
      const end = source.indexOf("*/", at + 2);
      const stop = end === -1 ? source.length : end + 2;
      text += blank(source.slice(at, stop));
      at = stop;
    } else if (char === '"' || char === "'") {
      const stop = endOfString(source, at);
      text += `"${String(strings.length)}"`;
      strings.push(source.slice(at + 1, stop - 1));
      at = stop;
    } else if (char === "/" && BEFORE_REGEXP.test(text.slice(-40).trimEnd())) {
      const stop = endOfRegexp(source, at);
      text += blank(source.slice(at, stop));
      at = stop;
    } else if (char === "`") {
      text += "`";
      at += 1;
      template();
    } else {
      const depth = templates.at(-1);
      if (depth !== undefined && char === "{") templates[templates.length - 1] = depth + 1;
      if (depth !== undefined && char === "}") {
        templates[templates.length - 1] = depth - 1;
        if (depth === 0) {
          templates.pop();
          text += "}";
          at += 1;
          template();
          continue;
        }
      }
      text += char;
      at += 1;
    }
  }
  return { text, strings };
}

const STATIC =
  /(?<![.\w$])(import|export)\b\s*(type\b(?!\s*(?:,|from\b)))?\s*((?:[\w$*,\s]|\{[^{}]*\})*?)\s*(?:\bfrom\s*)?"(\d+)"/gu;
const DYNAMIC = /(?<![.\w$])(?:import|require)\s*\(\s*"(\d+)"/gu;

/** Every import of a source text; comments, strings, templates and regular expressions are not mistaken for one. */
export function scanImports(source: string): ImportStatement[] {
  const { text, strings } = mask(source);
  const lineOf = (offset: number): number => text.slice(0, offset).split("\n").length;
  const found: ImportStatement[] = [];
  for (const match of text.matchAll(STATIC)) {
    const [, keyword, type, clause = "", index] = match;
    // `export const x = "…"` has no `from`; only imports may go without one.
    if (!/\bfrom\s*"\d+"$/u.test(match[0]) && (keyword === "export" || clause !== "")) continue;
    found.push({
      specifier: strings[Number(index)] ?? "",
      line: lineOf(match.index),
      typeOnly: type !== undefined,
      dynamic: false,
      clause: clause.trim(),
      kind: keyword === "export" ? "export" : "import",
    });
  }
  for (const match of text.matchAll(DYNAMIC)) {
    const specifier = strings[Number(match[1])] ?? "";
    found.push({ specifier, line: lineOf(match.index), typeOnly: false, dynamic: true, clause: "", kind: "import" });
  }
  return found;
}
