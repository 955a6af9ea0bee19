import { BUILTIN } from "./builtin-word.ts";

/** The names of the built-in plugins; a test holds them equal to the folders, which are not read for a name to be compared with them. */
export const BUILTIN_NAMES: readonly string[] = [
  "agents",
  "background-tasks",
  "command-hooks",
  "commands",
  "file-tools",
  "instructions",
  "lsp-bridge",
  "mcp-bridge",
  "model-anthropic",
  "model-scripted",
  "monitors",
  "output-styles",
  "permissions",
  "prompt-text",
  "shell-tool",
  "skills",
  "transcript",
  "turn-loop",
];

/** Their ids. */
export const BUILTIN_IDS: readonly string[] = BUILTIN_NAMES.map((name) => `${name}@${BUILTIN}`);
