import type {
  Agents,
  Emitting,
  GuardedHandle,
  Models,
  PluginInfo,
  Processes,
  Session,
  Settings,
  ToolDescriptor,
  ToolResult,
  Workspace,
} from "plugsmith/plugin-api";

/** Handles of the tools of a session. */
export type ToolHandle = GuardedHandle<ToolDescriptor, unknown, ToolResult>;

/** What handlers run with. */
export interface Surroundings {
  readonly processes: Processes;
  readonly settings: Settings;
  readonly workspace: Workspace;
  readonly emit: Emitting["emit"];
  readonly models: () => Promise<Models | undefined>;
  readonly agents: () => Promise<Agents | undefined>;
  readonly tools: () => Promise<readonly ToolHandle[]>;
  /** The part of the person's environment that programs of a plugin inherit. */
  readonly environmentOf: (plugin: PluginInfo) => Promise<Workspace["environment"]>;
  /** Every option of a plugin, secrets included, for its own processes. Rejects where texts need one that has no value. */
  readonly optionsOf: (plugin: string, texts: readonly string[]) => Promise<Readonly<Record<string, string>>>;
}

/** One run of a hook. */
export interface HookRun {
  /** The hook's input as JSON text. */
  readonly json: string;
  readonly session: Session | undefined;
  /** Where a program may write exports, on events that take some. */
  readonly environmentFile?: string | undefined;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Calls of tools that hooks have under way; a handler enters its own. */
  readonly ownCalls: Set<string>;
}
