import { existsSync } from "node:fs";
import type { Home } from "../home.ts";
import { programOnPath } from "./program-on-path.ts";
import type { Machine } from "./target.ts";

/** The programs by which agents are found, by the name of their target. */
export const AGENT_PROGRAMS = {
  claude: "claude",
  codex: "codex",
  copilot: "copilot",
  gemini: "gemini",
  opencode: "opencode",
  cursor: "cursor",
} as const;

/**
 * Whether there is anything to do about other agents at all: one is on this machine, or one was given something. Told
 * without loading what writes into them, because most verbs on most machines end here.
 */
export function concernsAgents(home: Home, machine: Machine): boolean {
  return (
    existsSync(home.agentState) ||
    Object.values(AGENT_PROGRAMS).some((name) => programOnPath(machine.environment["PATH"], name) !== undefined)
  );
}
