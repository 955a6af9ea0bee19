import type { Contribution } from "../../schemas/plugin-manifest.ts";

const WORDS: Readonly<Record<Contribution["kind"], string>> = {
  skill: "skill",
  command: "command",
  agent: "agent",
  hook: "hook",
  mcp: "MCP server",
  lsp: "LSP server",
  monitor: "monitor",
  "output-style": "output style",
  workflow: "workflow",
  theme: "theme",
  mod: "mod",
  bin: "program",
};

/** What a contribution is called in a loss report, e.g. `MCP server facts`. */
export function componentLabel(contribution: Contribution): string {
  if (contribution.kind !== "hook") return `${WORDS[contribution.kind]} ${contribution.name}`;
  return `hook ${contribution.event}${contribution.matcher === undefined ? "" : ` (${contribution.matcher})`}`;
}

/** A kind of contribution in plain words. */
export function kindLabel(kind: Contribution["kind"]): string {
  return WORDS[kind];
}
