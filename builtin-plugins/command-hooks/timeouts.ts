import type { HookContribution } from "plugsmith/plugin-api";

const BY_TYPE: Readonly<Record<HookContribution["handler"]["type"], number>> = {
  command: 600,
  http: 600,
  mcp_tool: 600,
  prompt: 30,
  agent: 60,
};

const BY_EVENT: Readonly<Record<string, number>> = {
  UserPromptSubmit: 30,
  PreModelSwitch: 30,
  MessageDisplay: 10,
};

/** All hooks of a session's end share this time; a plugin cannot lengthen it (formats.md §6.3). */
const SESSION_END_MS = 1_500;

/** How long a hook may take, in ms. */
export function timeoutMsOf({ event, handler, timeoutSeconds }: HookContribution): number {
  if (event === "SessionEnd") return Math.min(SESSION_END_MS, (timeoutSeconds ?? Infinity) * 1000);
  return (timeoutSeconds ?? BY_EVENT[event] ?? BY_TYPE[handler.type]) * 1000;
}
