import type { HookHandler } from "../../schemas/plugin-manifest.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import { placed } from "./placeholders.ts";
import type { AgentPlugin } from "./target.ts";

const PROJECT = /\$\{CLAUDE_PROJECT_DIR\}|\$CLAUDE_PROJECT_DIR\b/gu;
/** Not every agent sets it, but all start hooks for a session in the project. */
const PROJECT_OR_HERE = "${CLAUDE_PROJECT_DIR:-$PWD}";

/** A command handler as one line for a shell: Codex 0.171 and Copilot 1.0.102 do not read `args`, others know none. */
export function hookCommand(
  { command, args }: Extract<HookHandler, { readonly type: "command" }>,
  plugin: AgentPlugin,
): string {
  if (args === undefined) return placed(command, plugin).replace(PROJECT, () => PROJECT_OR_HERE);
  return [command, ...args].map((word) => wordOf(placed(word, plugin))).join(" ");
}

/** One word for a shell, whatever is in it; only the folder of the project is filled in. */
function wordOf(word: string): string {
  const pieces = word.split(PROJECT).map((piece) => (piece === "" ? "" : shellWord(piece)));
  return word === "" ? "''" : pieces.join(`"${PROJECT_OR_HERE}"`);
}
