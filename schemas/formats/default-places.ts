/** Where the layout of formats.md §1 keeps its components by default, but for `skills`, which other formats have too. */
export const CLAUDE_PLACES: readonly string[] = [
  "commands",
  "agents",
  "hooks/hooks.json",
  ".mcp.json",
  ".lsp.json",
  "output-styles",
  "workflows",
  "themes",
  "monitors/monitors.json",
  "bin",
];
