import type { AST } from "toml-eslint-parser";

/** Names of members and positions in lists, outermost first. */
export type EntryPath = readonly (string | number)[];

/** A range of a text, in UTF-16 units, `end` excluded. */
export interface Cut {
  readonly start: number;
  readonly end: number;
}

/** The ranges that make up the entry at a path: headers with what is below them, lines, items of lists; none where there is none. */
export async function tomlCuts(text: string, path: EntryPath): Promise<readonly Cut[]> {
  // Positions only: its own reading of values lets `__proto__` reach the prototype of every object.
  const { parseTOML, ParseError } = await import("toml-eslint-parser");
  try {
    const program = parseTOML(text, { tomlVersion: "1.1" });
    const finder = new EntryFinder(text, program.tokens);
    return program.body[0].body.flatMap((node) => finder.find(node, [], path));
  } catch (error) {
    // Two readers that disagree about a text: nothing of it is touched.
    if (error instanceof ParseError) return [];
    throw error;
  }
}

class EntryFinder {
  readonly #text: string;
  readonly #tokens: readonly AST.Token[];

  constructor(text: string, tokens: readonly AST.Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  find(node: AST.TOMLTable | AST.TOMLKeyValue, above: EntryPath, path: EntryPath): readonly Cut[] {
    const own = node.type === "TOMLTable" ? node.resolvedKey : [...above, ...keyNames(node.key)];
    if (isBelow(own, path)) return [this.#lines(node.range)];
    if (!isBelow(path, own)) return [];
    if (node.type === "TOMLTable") return node.body.flatMap((inner) => this.find(inner, own, path));
    return this.#inside(node.value, own, path);
  }

  /** In values that stand in one place: lists and tables in braces. */
  #inside(value: AST.TOMLContentNode, own: EntryPath, path: EntryPath): readonly Cut[] {
    if (value.type === "TOMLInlineTable") {
      return value.body.flatMap((inner) => {
        const name = [...own, ...keyNames(inner.key)];
        if (isBelow(name, path)) return this.#item(inner.range);
        return isBelow(path, name) ? this.#inside(inner.value, name, path) : [];
      });
    }
    const index = path[own.length];
    if (value.type !== "TOMLArray" || typeof index !== "number") return [];
    const element = value.elements[index];
    if (element === undefined) return [];
    const name = [...own, index];
    return name.length === path.length ? this.#item(element.range) : this.#inside(element, name, path);
  }

  /** An item, with the comma that parts it from the next one, or else from the one before. */
  #item([start, end]: AST.Range): readonly Cut[] {
    const next = this.#tokens.find(({ range }) => range[0] >= end);
    if (next?.value === ",") return [this.#lineOr(start, next.range[1])];
    const last = this.#tokens.findLast(({ range }) => range[1] <= start);
    const item = this.#lineOr(start, end);
    return last?.value === "," ? [{ start: last.range[0], end: last.range[1] }, item] : [item];
  }

  /** The whole line where nothing else stands on it, and else the range with the blanks after it. */
  #lineOr(start: number, end: number): Cut {
    const isAlone = /(?:^|\n)[\t ]*$/u.test(this.#text.slice(0, start)) && /^[\t ]*\r?\n/u.test(this.#text.slice(end));
    return isAlone ? this.#lines([start, end]) : { start, end: end + lengthOf(/^[\t ]*(?=[^\s#])/u, this.#text, end) };
  }

  /** Whole lines, comments on them included, and the empty lines after them where empty lines stand before them. */
  #lines([from, to]: AST.Range): Cut {
    const start = this.#text.lastIndexOf("\n", from - 1) + 1;
    const end = to + lengthOf(/^[^\n]*(?:\n|$)/u, this.#text, to);
    const isParted = /(?:^|\n)[\t ]*\r?\n?$/u.test(this.#text.slice(0, start));
    return { start, end: isParted ? end + lengthOf(/^(?:[\t ]*\r?\n)*/u, this.#text, end) : end };
  }
}

function keyNames({ keys }: AST.TOMLKey): readonly string[] {
  return keys.map((key) => (key.type === "TOMLBare" ? key.name : key.value));
}

function isBelow(inner: EntryPath, outer: EntryPath): boolean {
  return outer.every((step, index) => inner[index] === step);
}

function lengthOf(pattern: RegExp, text: string, from: number): number {
  return pattern.exec(text.slice(from))?.[0].length ?? 0;
}
