const LINE = /^([A-Za-z_][A-Za-z0-9_-]{0,63}):[ \t]+(\S.*)$/;
const BLOCK_SCALAR = /^[|>][+-]?\d?(?:[ \t]+#.*)?$/;
const RISKY = /[{}[\]*&#!|>%@`]|:[ \t]|:$/;

/**
 * Puts quotes around the values of one-line top-level fields that a YAML parser may trip over, the advice of the public skill
 * standard for `description: use when: …`; `undefined` when no line needs it.
 */
export function quoteRiskyValues(block: string): string | undefined {
  let changed = false;
  const lines = block.split("\n").map((line) => {
    const match = LINE.exec(line);
    const value = match?.[2]?.trimEnd();
    if (match === null || value === undefined || isQuoted(value) || BLOCK_SCALAR.test(value) || !RISKY.test(value))
      return line;
    changed = true;
    return `${match[1]}: "${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  });
  return changed ? lines.join("\n") : undefined;
}

function isQuoted(value: string): boolean {
  const first = value[0];
  return value.length > 1 && (first === '"' || first === "'") && value.at(-1) === first;
}
