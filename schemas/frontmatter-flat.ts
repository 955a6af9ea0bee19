/** The fields of a simple block, with the source text of top-level values that are not text. */
export interface FlatBlock {
  readonly fields: Record<string, unknown>;
  readonly sources: Record<string, string>;
}

type Scalar = string | number | boolean | null;

const FIELD = /^([A-Za-z_][A-Za-z0-9_-]{0,99}):(?: +([^ ].*))?$/;
const ITEM = /^( *)- +([^ ].*)$/;
const PLAIN_START = /^[A-Za-z0-9_/(\u00c0-\u1fff\u3040-\ud7ff]/;
const PLAIN_RISK = /:(?: |$)| #/;
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/;
const NUMBER = /^\d+(?:\.\d*)?$/;
const ODD_NUMBER = /^(?:0[xo]|\d+(?:\.\d*)?[eE])/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\["\\nt])*)"$/;
const SINGLE_QUOTED = /^'((?:[^']|'')*)'$/;
const FLOW_ITEM = /^[A-Za-z_][A-Za-z0-9_./()-]*(?: [A-Za-z0-9_./()-]+)*$/;
const HEADER = /^[|>]-?$/;
const RESERVED_KEYS = new Set(["null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"]);
const DANGEROUS = new Set(["__proto__", "constructor", "prototype"]);
const ESCAPES: Readonly<Record<string, string>> = { '\\"': '"', "\\\\": "\\", "\\n": "\n", "\\t": "\t" };

/**
 * Reads the usual block without a YAML parser: `key: value` lines, and below a key one list, one flat map or one text block.
 * `undefined` whenever anything is out of the ordinary; what it accepts means the same to the parser
 * (test/schemas/frontmatter-flat.test.ts).
 */
export function readFlatBlock(block: string): FlatBlock | undefined {
  const fields: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  const lines = block.split("\n");
  for (let index = 0; index < lines.length; index++) {
    const line = trimEnd(lines[index] ?? "");
    if (UNSAFE.test(line)) return undefined;
    if (line === "" || line.startsWith("#")) continue;
    const match = FIELD.exec(line);
    const key = match?.[1];
    const text = match?.[2];
    if (key === undefined || !isNewKey(key, fields)) return undefined;
    if (text === undefined || HEADER.test(text)) {
      const below = linesBelow(lines, index + 1, text === undefined);
      if (below === undefined) return undefined;
      const value = text === undefined ? (listOf(below) ?? mapOf(below)) : textOf(below, text);
      if (value === undefined) return undefined;
      fields[key] = value;
      index += below.length;
      continue;
    }
    const value = text.startsWith("[") ? flowList(text) : scalar(text);
    if (value === undefined) return undefined;
    fields[key] = value;
    if (typeof value !== "string") sources[key] = text;
  }
  return { fields, sources };
}

function isNewKey(key: string, fields: Readonly<Record<string, unknown>>): boolean {
  return !Object.hasOwn(fields, key) && !RESERVED_KEYS.has(key) && !DANGEROUS.has(key);
}

/** The indented lines (or, for lists, dashes) that follow; none when a gap or something odd stands between them. */
function linesBelow(lines: readonly string[], start: number, dashes: boolean): readonly string[] | undefined {
  const belongs = (line: string): boolean => line.startsWith(" ") || (dashes && line.startsWith("- "));
  let end = start;
  while (end < lines.length && belongs(lines[end] ?? "")) end++;
  if (end === start) return undefined;
  // A line of blanks behind a gap is text of a block scalar as far as it is indented deeper.
  const next = lines.slice(end).find((line) => line !== "");
  if (next?.startsWith(" ") === true || next?.startsWith("-") === true) return undefined;
  const below = lines.slice(start, end);
  return below.some((line) => UNSAFE.test(line) || trimEnd(line) === "") ? undefined : below;
}

function listOf(lines: readonly string[]): readonly Scalar[] | undefined {
  const items: Scalar[] = [];
  let indent: string | undefined;
  for (const line of lines) {
    const match = ITEM.exec(trimEnd(line));
    indent ??= match?.[1];
    const value = match?.[2] === undefined || match[1] !== indent ? undefined : scalar(match[2]);
    if (value === undefined) return undefined;
    items.push(value);
  }
  return items;
}

function mapOf(lines: readonly string[]): Readonly<Record<string, Scalar>> | undefined {
  const map: Record<string, Scalar> = {};
  const indent = indentOf(lines[0] ?? "");
  for (const line of lines) {
    const match = indentOf(line) === indent ? FIELD.exec(trimEnd(line).slice(indent)) : null;
    const key = match?.[1];
    const value = match?.[2] === undefined ? undefined : scalar(match[2]);
    if (key === undefined || value === undefined || !isNewKey(key, map)) return undefined;
    map[key] = value;
  }
  return map;
}

function textOf(lines: readonly string[], header: string): string | undefined {
  const indent = indentOf(lines[0] ?? "");
  if (lines.some((line) => indentOf(line) !== indent || line.endsWith(" "))) return undefined;
  const text = lines.map((line) => line.slice(indent)).join(header.startsWith("|") ? "\n" : " ");
  return header.endsWith("-") ? text : `${text}\n`;
}

function flowList(text: string): readonly string[] | undefined {
  if (!text.endsWith("]")) return undefined;
  const items: string[] = [];
  for (const part of text.slice(1, -1).split(",")) {
    const item = part.trim();
    const quoted = /^"([^"\\[\]{}]*)"$/.exec(item)?.[1] ?? /^'([^'[\]{}]*)'$/.exec(item)?.[1];
    if (quoted === undefined && (!FLOW_ITEM.test(item) || RESERVED_KEYS.has(item))) return undefined;
    items.push(quoted ?? item);
  }
  return items;
}

function scalar(text: string): Scalar | undefined {
  const first = text[0];
  if (first === '"') return DOUBLE_QUOTED.exec(text)?.[1]?.replace(/\\./g, (escape) => ESCAPES[escape] ?? "");
  if (first === "'") return SINGLE_QUOTED.exec(text)?.[1]?.replaceAll("''", "'");
  if (!PLAIN_START.test(text) || PLAIN_RISK.test(text) || ODD_NUMBER.test(text)) return undefined;
  if (NUMBER.test(text)) return Number(text);
  if (!RESERVED_KEYS.has(text)) return text;
  return text.toLowerCase() === "null" ? null : text.toLowerCase() === "true";
}

function indentOf(line: string): number {
  let indent = 0;
  while (line[indent] === " ") indent++;
  return indent;
}

function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && line.charCodeAt(end - 1) === 0x20) end--;
  return end === line.length ? line : line.slice(0, end);
}
