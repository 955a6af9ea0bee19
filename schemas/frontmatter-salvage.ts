/** What a lenient pass recovered, and the permission keys it saw but must not take. */
export interface SalvagedBlock {
  readonly fields: Record<string, unknown>;
  readonly withheld: readonly string[];
}

const KEY = /^([A-Za-z][A-Za-z0-9_-]{0,63})[ \t]*:[ \t]*(.*)$/;

/**
 * Reads a broken block line by line: a known key at the start of a line begins a field, every other line continues the field
 * before it. Text, `- item` lists and `|`/`>` blocks are recovered; `withheld` keys never are.
 */
export function salvageBlock(
  block: string,
  known: ReadonlySet<string>,
  permissions: ReadonlySet<string>,
): SalvagedBlock {
  const fields: Record<string, unknown> = {};
  const withheld: string[] = [];
  let key: string | undefined;
  let lines: string[] = [];
  const close = (): void => {
    if (key !== undefined && !(key in fields)) fields[key] = valueOf(lines);
    key = undefined;
    lines = [];
  };
  for (const raw of block.split("\n")) {
    const match = KEY.exec(raw);
    const name = match?.[1];
    if (name === undefined || !(known.has(name) || permissions.has(name))) {
      lines.push(raw);
      continue;
    }
    close();
    lines = [match?.[2] ?? ""];
    if (permissions.has(name)) {
      if (!withheld.includes(name)) withheld.push(name);
    } else key = name;
  }
  close();
  return { fields, withheld };
}

function valueOf(lines: readonly string[]): unknown {
  const first = (lines[0] ?? "").trim();
  const rest = lines.slice(1).map((line) => line.trim());
  while (rest.at(-1) === "") rest.pop();
  if (first === "" && rest.length > 0 && rest.every((line) => line === "" || line.startsWith("- "))) {
    return rest.filter((line) => line !== "").map((line) => unquote(line.slice(2).trim()));
  }
  if (/^[|>][+-]?\d?$/.test(first)) return rest.join(first.startsWith("|") ? "\n" : " ").trim();
  if (rest.length === 0) return unquote(first);
  return unquote([first, ...rest].join("\n").trim());
}

function unquote(text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== '"' && quote !== "'") || text.at(-1) !== quote) return text;
  const inner = text.slice(1, -1);
  return quote === '"'
    ? inner.replaceAll(String.raw`\n`, "\n").replaceAll(String.raw`\"`, '"')
    : inner.replaceAll("''", "'");
}
