import { fieldTable } from "./frontmatter-fields.ts";
import type { FieldTable } from "./frontmatter-fields.ts";
import { EFFORT_LEVELS } from "./skill.ts";

/** Fields of an agent file (formats.md §5.2). */
export const AGENT_FIELDS: FieldTable = fieldTable(
  [
    { key: "name", to: "name", kind: "text", about: "Name of the agent; the file's name when absent" },
    { key: "description", to: "description", kind: "text", about: "When to hand work to it" },
    { key: "tools", to: "tools", kind: "tools", about: "Tools it may use; all when absent" },
    {
      key: "disallowedTools",
      to: "disallowedTools",
      kind: "tools",
      about: "Tools it may not use",
      aliases: ["disallowed-tools"],
    },
    { key: "model", to: "model", kind: "text", about: "Model" },
    { key: "effort", to: "effort", kind: "choice", choices: EFFORT_LEVELS, about: "Effort level" },
    { key: "maxTurns", to: "maxTurns", kind: "count", about: "Most model calls of one run", aliases: ["max-turns"] },
    { key: "skills", to: "skills", kind: "tools", about: "Skills that are loaded at its start" },
    { key: "memory", to: "memory", kind: "choice", choices: ["user", "project", "local"], about: "Where it remembers" },
    { key: "background", to: "background", kind: "flag", about: "Whether it runs in the background" },
    { key: "color", to: "color", kind: "text", about: "Colour in listings" },
    {
      key: "isolation",
      to: "isolation",
      kind: "choice",
      choices: ["worktree"],
      about: "`worktree` gives it a checkout of its own",
    },
    { key: "omitClaudeMd", to: "omitClaudeMd", kind: "flag", about: "Leave project instructions out" },
    {
      key: "permissionMode",
      to: "permissionMode",
      kind: "text",
      about: "Ignored in plugins",
      aliases: ["permission-mode"],
    },
    { key: "mcpServers", to: "mcpServers", kind: "raw", about: "Ignored in plugins", aliases: ["mcp-servers"] },
    { key: "hooks", to: "hooks", kind: "raw", about: "Ignored in plugins" },
    {
      key: "initialPrompt",
      to: "initialPrompt",
      kind: "text",
      about: "Ignored in plugins",
      aliases: ["initial-prompt"],
    },
  ],
  ["name", "description", "allowed-tools"],
);

/** Fields that an agent of a plugin may not set. */
export const AGENT_FIELDS_NOT_IN_PLUGINS: readonly string[] = [
  "permissionMode",
  "mcpServers",
  "hooks",
  "initialPrompt",
];
