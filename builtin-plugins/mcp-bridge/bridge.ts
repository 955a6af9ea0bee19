import type {
  Emitting,
  LoadedPlugin,
  Log,
  Person,
  Processes,
  Secrets,
  Settings,
  Workspace,
} from "plugsmith/plugin-api";
import type { AttemptLimits } from "./attempts.ts";

/** What the parts of the bridge have of the host. */
export interface Bridge {
  readonly processes: Processes;
  readonly workspace: Workspace;
  readonly settings: Settings;
  readonly person: () => Promise<Person | undefined>;
  readonly secrets: () => Promise<Secrets | undefined>;
  readonly plugins: () => readonly LoadedPlugin[];
  readonly emit: Emitting["emit"];
  /** Tells the person something that matters beyond the log. */
  readonly notify: (kind: string, message: string) => void;
  readonly log: Log;
  /** Folder of the bridge's own files. */
  readonly directory: string;
  readonly limits: BridgeLimits;
  /** Aborted when the bridge is disposed. */
  readonly signal: AbortSignal;
}

/** How long the bridge waits, and how much it does at once. */
export interface BridgeLimits {
  readonly attempts: AttemptLimits;
  /** From the start of a server to its answer; generous, because package runners download first. */
  readonly connectMs: number;
  /** Of one call without a sign of progress, where the server's configuration names none. */
  readonly callMs: number;
  /** How long the first prompt waits for lists that are not cached. */
  readonly firstWaitMs: number;
  /** Servers that start at once to be listed. */
  readonly parallel: number;
  /** Characters of a result that reach the model. */
  readonly maxResultText: number;
}

const CHARACTERS_PER_TOKEN = 4;

/** The limits, some of which a person's environment sets: `MCP_TIMEOUT`, `MCP_TOOL_TIMEOUT` (ms), `MAX_MCP_OUTPUT_TOKENS`. */
export function bridgeLimits(environment: Readonly<Record<string, string>>): BridgeLimits {
  const number = (name: string, otherwise: number): number => {
    const value = Number(environment[name]);
    return Number.isFinite(value) && value > 0 ? value : otherwise;
  };
  return {
    attempts: { failures: 5, windowMs: 60_000, firstPauseMs: 250, coolDownMs: 300_000 },
    connectMs: number("MCP_TIMEOUT", 30_000),
    callMs: number("MCP_TOOL_TIMEOUT", 600_000),
    firstWaitMs: 3_000,
    parallel: 4,
    maxResultText: number("MAX_MCP_OUTPUT_TOKENS", 25_000) * CHARACTERS_PER_TOKEN,
  };
}
