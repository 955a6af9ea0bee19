import type { JsonSchema } from "./json-schema.ts";
import type { GuardedCall, GuardedContribution } from "./point.ts";
import type { Session } from "./session.ts";
import type { AgentEvent } from "./turn.ts";

/** What a model and a person see of a tool. */
export interface ToolDescriptor {
  /** As the model calls it, e.g. `Read` or `mcp__server__tool`. */
  readonly name: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  readonly outputSchema?: JsonSchema | undefined;
  /** Changes nothing anywhere. Unknown counts as false: it is asked for, and runs alone. */
  readonly readOnly: boolean;
  /** May run beside other tools. */
  readonly concurrencySafe: boolean;
  /** Reads or writes this file; names of input fields that hold paths, for path-gated skills and rules. */
  readonly pathFields?: readonly string[] | undefined;
  /** Older names by which a model may still call it and by which rules, hooks and lists of tools may mean it. */
  readonly aliases?: readonly string[] | undefined;
}

/** One part of a tool's result. */
export type ToolContent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image"; readonly mediaType: string; /** Base64. */ readonly data: string };

/** What a tool returns. */
export interface ToolResult {
  readonly content: readonly ToolContent[];
  readonly isError?: boolean | undefined;
  /** For `outputSchema` and hooks; the model sees `content`. */
  readonly structured?: unknown;
  /** Absolute paths that the call read or wrote beyond its `pathFields`. */
  readonly touched?: readonly string[] | undefined;
}

/** What a tool gets beside its input. */
export interface ToolCall {
  readonly callId: string;
  readonly signal: AbortSignal;
  /** Absent outside sessions, and in a process of its own. */
  readonly session?: Session | undefined;
  /** Absolute working directory. */
  readonly directory: string;
  readonly agentPath: readonly string[];
  readonly progress: (text: string) => void;
  /** Hands events of an agent to the turn that runs in the session at that moment, also after the call; absent as `session` is. */
  readonly report?: ((event: AgentEvent) => void) | undefined;
}

/** What the caller of a tool passes through the guarded point. */
export interface ToolContext {
  readonly session?: Session | undefined;
  readonly directory: string;
  readonly agentPath: readonly string[];
  readonly report?: ((event: AgentEvent) => void) | undefined;
}

/** A tool, ready to be contributed to `toolPoint` under its name. */
export type Tool = GuardedContribution<ToolDescriptor, unknown, ToolResult>;

/** What `defineTool` takes. */
export interface ToolDefinition<Input> extends Omit<ToolDescriptor, "readOnly" | "concurrencySafe"> {
  readonly readOnly?: boolean | undefined;
  /** Default: as `readOnly`. */
  readonly concurrencySafe?: boolean | undefined;
  /** The input has passed `inputSchema`. A text is a result of one text. */
  readonly run: (input: Input, call: ToolCall) => string | ToolResult | Promise<string | ToolResult>;
}

/** Makes a tool; without `readOnly` it counts as writing, runs alone and is asked for. */
export function defineTool<Input>({
  run,
  readOnly = false,
  concurrencySafe = readOnly,
  ...definition
}: ToolDefinition<Input>): Tool {
  return {
    descriptor: { ...definition, readOnly, concurrencySafe },
    call: async (input, call) => {
      // The kernel has checked the input against `inputSchema`, which `Input` states in TypeScript.
      const result = await run(input as Input, toolCall(call));
      return typeof result === "string" ? { content: [{ type: "text", text: result }] } : result;
    },
  };
}

function toolCall({ callId, signal, context, progress }: GuardedCall): ToolCall {
  // Callers of `toolPoint` pass a `ToolContext`.
  const { session, directory, agentPath, report } = context as ToolContext;
  return { callId, signal, session, directory, agentPath, progress, report };
}
