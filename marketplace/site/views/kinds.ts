/** Kinds of what a plugin adds, in the order of pages: key, one, several. The index stores them as bits in this order. */
export const KINDS: readonly (readonly [kind: string, one: string, several: string])[] = [
  ["skill", "skill", "skills"],
  ["command", "command", "commands"],
  ["agent", "agent", "agents"],
  ["hook", "hook", "hooks"],
  ["mcp", "MCP server", "MCP servers"],
  ["lsp", "LSP server", "LSP servers"],
  ["monitor", "monitor", "monitors"],
  ["output-style", "output style", "output styles"],
  ["workflow", "workflow", "workflows"],
  ["theme", "theme", "themes"],
  ["mod", "code module", "code modules"],
  ["bin", "program", "programs"],
  ["entry", "code entry", "code entries"],
  ["injection", "inline command", "inline commands"],
  ["grant", "granted tool", "granted tools"],
  ["script", "script", "scripts"],
  ["packages", "npm packages", "npm packages"],
  ["status-line", "status line", "status lines"],
];

/** The word for a kind. */
export function kindWord(kind: string, count = 1): string {
  const found = KINDS.find(([key]) => key === kind);
  if (found === undefined) return kind;
  return count === 1 ? found[1] : found[2];
}

/** What is there of each kind, in the fixed order of kinds. */
export function byKind<T extends { readonly kind: string }>(
  all: readonly T[],
): readonly (readonly [kind: string, ones: readonly T[]])[] {
  const rank = (kind: string): number => {
    const at = KINDS.findIndex(([key]) => key === kind);
    return at < 0 ? KINDS.length : at;
  };
  return [...Map.groupBy(all, ({ kind }) => kind)].toSorted(([one], [other]) => rank(one) - rank(other));
}

/** `14.2 kB`, decimal units. */
export function bytesText(bytes: number): string {
  const size = Math.abs(bytes);
  if (size < 1_000) return `${String(bytes)} B`;
  if (size < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A number with its sign. */
export function signed(value: number): string {
  return value < 0 ? `−${String(-value)}` : `+${String(value)}`;
}

/** `1 plugin`, `2,000 plugins`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}

/** `12,345`, the same on every machine. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
