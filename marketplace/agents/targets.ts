import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import { copilot } from "./copilot.ts";
import { cursor } from "./cursor.ts";
import { gemini } from "./gemini.ts";
import { opencode } from "./opencode.ts";
import { skillsFolder } from "./skills-folder.ts";
import type { AgentTarget } from "./target.ts";

/** Every agent that plugins can be carried into, in the order of lists. */
export const AGENT_TARGETS: readonly AgentTarget[] = [claude, codex, copilot, gemini, opencode, cursor, skillsFolder];
