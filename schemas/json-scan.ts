/** What a pass over a JSON text found without building its values. */
export interface JsonScan {
  /** Number of `:` outside strings, which is the number of keys when the text is valid. */
  readonly keys: number;
  /** Offset of the bracket that goes below `maxDepth`; -1 when none does. */
  readonly tooDeepAt: number;
  /** Offset of the opening bracket → offset just after the closing one, for the outer levels only. */
  readonly ends: ReadonlyMap<number, number>;
}

/** A key of the text that `findKeys` reports. */
export interface FoundKey {
  readonly kind: "duplicate" | "dangerous";
  readonly name: string;
  readonly offset: number;
}

/** Offsets of the members of one object or array: key → `[offset of the key, offset of the value]`. */
export type MemberOffsets = ReadonlyMap<string | number, readonly [number, number]>;

/** Levels whose ends are kept: a document, its lists, their elements. */
const KEPT_LEVELS = 3;
const QUOTE = 34;
const BACKSLASH = 92;

/** Offset just after the string that starts at `start`; the length of the text when it has no end. */
export function endOfString(text: string, start: number): number {
  let at = start;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at < 0) return text.length;
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
}

/** Counts keys and measures depth in one linear pass; tolerates invalid text, which the parser refuses afterwards. */
export function scanJson(text: string, maxDepth: number): JsonScan {
  let keys = 0;
  let depth = 0;
  const ends = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at) - 1;
        break;
      case 58:
        keys += 1;
        break;
      case 123:
      case 91:
        depth += 1;
        if (depth <= KEPT_LEVELS) open.push(at);
        if (depth > maxDepth) return { keys, tooDeepAt: at, ends };
        break;
      case 125:
      case 93: {
        if (depth <= KEPT_LEVELS) ends.set(open.pop() ?? 0, at + 1);
        depth -= 1;
        break;
      }
      default:
    }
  }
  return { keys, tooDeepAt: -1, ends };
}

/** Whether a key could reach an object's prototype when somebody copies it carelessly. */
export function isDangerousKey(name: string): boolean {
  return name === "__proto__" || name === "constructor" || name === "prototype";
}

/** Every repeated or dangerous key of a valid JSON text, in order; of a repeated key the later ones are reported. */
export function findKeys(text: string): readonly FoundKey[] {
  const found: FoundKey[] = [];
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 123) open.push(new Set());
    else if (code === 91) open.push(undefined);
    else if (code === 125 || code === 93) open.pop();
    else if (code === QUOTE) {
      const end = endOfString(text, at);
      const names = open.at(-1);
      if (names !== undefined && text.charCodeAt(skipBlank(text, end)) === 58) {
        const name = String(JSON.parse(text.slice(at, end)));
        if (isDangerousKey(name)) found.push({ kind: "dangerous", name, offset: at });
        else if (names.has(name)) found.push({ kind: "duplicate", name, offset: at });
        names.add(name);
      }
      at = end - 1;
    }
  }
  return found;
}

/** The first offset at or after `start` that holds no white space. */
export function skipBlank(text: string, start: number): number {
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 10 || code === 13 || code === 9) at += 1;
    else return at;
  }
}

/** Offset just after the value that starts at `start`, in a valid text. */
function endOfValue(text: string, start: number, ends: ReadonlyMap<number, number>): number {
  const known = ends.get(start);
  if (known !== undefined) return known;
  const first = text.charCodeAt(start);
  if (first === QUOTE) return endOfString(text, start);
  let at = start;
  if (first !== 123 && first !== 91) {
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === 44 || code === 125 || code === 93 || code <= 32) break;
    }
    return at;
  }
  let depth = 0;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === 123 || code === 91) depth += 1;
    else if (code === 125 || code === 93) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return at;
}

/** The members of the object or array that starts at `start`, in a valid text; of a repeated key the last counts. */
export function memberOffsets(text: string, start: number, ends: ReadonlyMap<number, number>): MemberOffsets {
  const members = new Map<string | number, readonly [number, number]>();
  const isObject = text.charCodeAt(start) === 123;
  if (!isObject && text.charCodeAt(start) !== 91) return members;
  let at = skipBlank(text, start + 1);
  for (let index = 0; at < text.length; index += 1) {
    const code = text.charCodeAt(at);
    if (code === 125 || code === 93) break;
    const keyAt = at;
    let key: string | number = index;
    if (isObject) {
      const end = endOfString(text, at);
      key = String(JSON.parse(text.slice(at, end)));
      at = skipBlank(text, skipBlank(text, end) + 1);
    }
    members.set(key, [keyAt, at]);
    at = skipBlank(text, endOfValue(text, at, ends));
    if (text.charCodeAt(at) === 44) at = skipBlank(text, at + 1);
  }
  return members;
}

/** The text with every comment turned into blanks, so that positions stay; nothing else of JSON with comments is touched. */
export function blankComments(text: string): string {
  let blanked = "";
  let copied = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === 47 && (text[at + 1] === "/" || text[at + 1] === "*")) {
      const line = text[at + 1] === "/";
      const close = text.indexOf(line ? "\n" : "*/", at + 2);
      if (close < 0 && !line) break;
      const end = close < 0 ? text.length : close + (line ? 0 : 2);
      blanked += text.slice(copied, at) + text.slice(at, end).replace(/[^\r\n]/g, " ");
      copied = end;
      at = end - 1;
    }
  }
  return copied === 0 ? text : blanked + text.slice(copied);
}

/** The text with every comma before a closing bracket turned into a blank, so that positions stay; it holds no comments. */
export function blankTrailingCommas(text: string): string {
  const commas: number[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = endOfString(text, at) - 1;
    else if (code === 44) {
      const next = text.charCodeAt(skipBlank(text, at + 1));
      if (next === 125 || next === 93) commas.push(at);
    }
  }
  let blanked = "";
  let copied = 0;
  for (const at of commas) {
    blanked += `${text.slice(copied, at)} `;
    copied = at + 1;
  }
  return blanked + text.slice(copied);
}
