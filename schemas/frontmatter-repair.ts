const LINE = /^([A-Za-z_][A-Za-z0-9_-]{0,63}):[ \t]+(\S.*)$/;
const BLOCK_SCALAR = /^[|>][+-]?\d?(?:[ \t]+#.*)?$/;
const RISKY = /[{}[\]*&#!|>%@`]|:[ \t]|^,/;
const TABS = /^[ \t]*\t[ \t]*/;

/**
 * Puts quotes around the values of one-line top-level fields that a YAML parser may trip over, the advice of the public skill
 * standard for `description: use when: …`, and blanks in the place of tabs that indent; `undefined` when no line needs it.
 */
export function quoteRiskyValues(block: string): string | undefined {
  const written = block.split("\n");
  const level = withoutCommonTab(written);
  let changed = level !== written;
  const lines = level.map((raw) => {
    const line = raw.replace(TABS, (indent) => indent.replaceAll("\t", "  "));
    if (line !== raw) changed = true;
    const match = LINE.exec(line);
    const value = match?.[2]?.trimEnd();
    if (match === null || value === undefined || isQuoted(value) || BLOCK_SCALAR.test(value) || !RISKY.test(value))
      return line;
    changed = true;
    return `${match[1]}: "${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return changed ? lines.join("\n") : undefined;
}

/** A block that is indented as a whole by one tab is read as if it were not. */
function withoutCommonTab(lines: string[]): string[] {
  const isIndented = lines.some((line) => line.startsWith("\t"));
  return isIndented && lines.every((line) => line.startsWith("\t") || line.trim() === "")
    ? lines.map((line) => line.slice(1))
    : lines;
}

function isQuoted(value: string): boolean {
  const first = value[0];
  return value.length > 1 && (first === '"' || first === "'") && value.at(-1) === first;
}
