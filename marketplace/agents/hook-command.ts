import type { HookHandler } from "../../schemas/plugin-manifest.ts";
import { quotedWord } from "../../schemas/shell-word.ts";
import { placed } from "./placeholders.ts";
import type { AgentPlugin } from "./target.ts";

/** A command handler as one line for a shell, for agents that know no arguments of hooks. */
export function hookCommand(
  { command, args = [] }: Extract<HookHandler, { readonly type: "command" }>,
  plugin: AgentPlugin,
): string {
  return placed([command, ...args.map(quotedWord)].join(" "), plugin);
}
