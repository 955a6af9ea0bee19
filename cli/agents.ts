import { holdHome } from "../core/platform/home-mutex.ts";
import { Agents } from "../marketplace/agents/agents.ts";
import type { Machine } from "../marketplace/agents/target.ts";
import { AGENT_TARGETS } from "../marketplace/agents/targets.ts";
import { contributedTargets } from "./contributed-targets.ts";
import type { Home } from "../marketplace/home.ts";
import type { Progress } from "../marketplace/services.ts";

/** How long a verb waits for another process that tells agents what to hold. */
const DEADLINE_MS = 600_000;

/** Composes what carries plugins into other agents. */
export function agentsOf(options: {
  readonly home: Home;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  readonly onWait: Progress;
}): Agents {
  const { home, machine, signal, onWait } = options;
  return new Agents({
    home,
    targets: [...AGENT_TARGETS, ...contributedTargets(home, AGENT_TARGETS).value],
    machine,
    signal,
    exclusively: holdHome(home.agentMutex, {
      deadlineMs: DEADLINE_MS,
      signal,
      onWait: () => onWait("waiting for another plugin process that writes into other agents"),
    }),
  });
}
