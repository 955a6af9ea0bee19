import { claude } from "./claude.ts";
import { codex } from "./codex.ts";
import type { AgentTarget } from "./target.ts";

/** Every agent that plugins can be carried into, in the order of lists. */
export const AGENT_TARGETS: readonly AgentTarget[] = [claude, codex];
