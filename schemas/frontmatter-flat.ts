/** The fields of a flat block, with the source text of the scalars that are not strings. */
export interface FlatBlock {
  readonly fields: Record<string, unknown>;
  readonly sources: Record<string, string>;
}

const LINE = /^([A-Za-z_][A-Za-z0-9_-]{0,99}):(?: +([^ ].*))?$/;
const PLAIN_START = /^[A-Za-z_/(\u00c0-\u1fff\u3040-\ud7ff]/;
const UNSAFE_PLAIN = /:(?:[ \t]|$)|[ \t]#/;
const UNSAFE_TEXT = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]/;
const NOT_STRINGS = new Map<string, boolean | null>([
  ["null", null],
  ["Null", null],
  ["NULL", null],
  ["true", true],
  ["True", true],
  ["TRUE", true],
  ["false", false],
  ["False", false],
  ["FALSE", false],
]);

/**
 * Reads a block of plain `key: value` lines without a YAML parser; `undefined` whenever a line is anything else.
 * What it accepts means the same to the parser (test/schemas/frontmatter-flat.test.ts).
 */
export function readFlatBlock(block: string): FlatBlock | undefined {
  const fields: Record<string, unknown> = {};
  const sources: Record<string, string> = {};
  for (const raw of block.split("\n")) {
    const line = trimEnd(raw);
    if (line === "") continue;
    if (line.startsWith("#")) {
      if (UNSAFE_TEXT.test(line)) return undefined;
      continue;
    }
    const match = LINE.exec(line);
    const key = match?.[1];
    const text = match?.[2];
    if (key === undefined || text === undefined || UNSAFE_TEXT.test(text)) return undefined;
    if (key in fields || NOT_STRINGS.has(key)) return undefined;
    const value = scalar(text);
    if (value === undefined) return undefined;
    fields[key] = value;
    if (typeof value !== "string") sources[key] = text;
  }
  return { fields, sources };
}

function scalar(text: string): string | boolean | null | undefined {
  const first = text[0];
  if (first === '"' || first === "'") {
    const inner = text.slice(1, -1);
    if (text.length < 2 || text.at(-1) !== first || inner.includes(first) || (first === '"' && inner.includes("\\")))
      return undefined;
    return inner;
  }
  if (!PLAIN_START.test(text) || UNSAFE_PLAIN.test(text)) return undefined;
  const special = NOT_STRINGS.get(text);
  return special === undefined ? text : special;
}

function trimEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line.charCodeAt(end - 1) === 0x20 || line.charCodeAt(end - 1) === 0x09)) end--;
  return end === line.length ? line : line.slice(0, end);
}
