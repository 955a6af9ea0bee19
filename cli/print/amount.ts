/** Names of contribution kinds for people: one, several. */
const KINDS: Readonly<Record<string, readonly [one: string, several: string]>> = {
  skill: ["skill", "skills"],
  command: ["command", "commands"],
  agent: ["agent", "agents"],
  hook: ["hook", "hooks"],
  mcp: ["MCP server", "MCP servers"],
  lsp: ["LSP server", "LSP servers"],
  monitor: ["monitor", "monitors"],
  "output-style": ["output style", "output styles"],
  workflow: ["workflow", "workflows"],
  theme: ["theme", "themes"],
  mod: ["code module", "code modules"],
  bin: ["program", "programs"],
  packages: ["npm packages", "npm packages"],
  launcher: ["locked launcher", "locked launchers"],
  injection: ["inline command", "inline commands"],
  entry: ["code entry", "code entries"],
  "status-line": ["status line", "status lines"],
};

const ORDER: readonly string[] = Object.keys(KINDS);

/** The word for a kind of contribution. */
export function kindWord(kind: string, count = 1): string {
  const names = KINDS[kind] ?? [kind, `${kind}s`];
  return count === 1 ? names[0] : names[1];
}

/** `3 skills, 1 MCP server`, in the fixed order of kinds; `nothing` when there is none. */
export function provisionText(provides: Readonly<Record<string, number>>): string {
  const rank = (kind: string): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
  const parts = Object.entries(provides)
    .filter(([, count]) => count !== 0)
    .sort(([left], [right]) => rank(left) - rank(right))
    .map(([kind, count]) => `${String(count)} ${kindWord(kind, count)}`);
  return parts.length === 0 ? "nothing" : parts.join(", ");
}

/** The sum of several counts by kind. */
export function sumProvisions(all: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const sum: Record<string, number> = {};
  for (const provides of all)
    for (const [kind, count] of Object.entries(provides)) sum[kind] = (sum[kind] ?? 0) + count;
  return sum;
}

/** `14.2 kB`, decimal units. */
export function bytesText(bytes: number): string {
  const size = Math.abs(bytes);
  if (size < 1000) return `${String(bytes)} B`;
  if (size < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return size < 1_000_000_000 ? `${(bytes / 1_000_000).toFixed(1)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** `1 plugin`, `2 plugins`. */
export function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A number with its sign. */
export function signed(value: number): string {
  return value < 0 ? String(value) : `+${String(value)}`;
}
