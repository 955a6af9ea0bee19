import { existsSync } from "node:fs";
import { join } from "node:path";
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
} as const;

/** The folder in the person's home by which Cursor is found: it is an editor and need not be on the search path. */
export const CURSOR_FOLDER = ".cursor";

/**
 * Whether there is anything to do about other agents at all: one is on this machine, or one was given something. Told
 * without loading what writes into them, because most verbs on most machines end here.
 */
export function concernsAgents(home: Home, machine: Machine): boolean {
  return (
    existsSync(home.agentState) ||
    existsSync(join(machine.homeDirectory, CURSOR_FOLDER)) ||
    Object.values(AGENT_PROGRAMS).some((name) => programOnPath(machine.environment, name) !== undefined)
  );
}
