import {
  filesTouched,
  permissionDenied,
  toolBatch,
  toolDone,
  toolFailed,
  type AgentEvent,
  type Choice,
  type PluginContext,
  type Session,
  type ToolOutcome,
  type ToolResult,
  type TurnEvent,
} from "plugsmith/plugin-api";
import { failure, type ToolUseBlock } from "./blocks.ts";
import { EventQueue } from "./event-queue.ts";
import { ownError } from "./own-error.ts";
import { toolNamed, type ListedTool } from "./tool-list.ts";
import { touchedFiles, withAbsolutePaths } from "./tool-paths.ts";

/** Reads that run at once. */
const MAX_PARALLEL = 10;
const MAX_WAITING_EVENTS = 1_000;
const UNKNOWN_OUTCOME = "interrupted, outcome unknown";
const NOT_RUN = "not run: the turn was interrupted before";

/** What calling tools needs of the turn. */
export interface ToolRoundOptions {
  readonly context: PluginContext;
  readonly session: Session;
  readonly calls: readonly ToolUseBlock[];
  readonly tools: ReadonlyMap<string, ListedTool>;
  readonly signal: AbortSignal;
  /** Takes events of agents, during the round and after it. */
  readonly report: (event: AgentEvent) => void;
}

/** What a finished round leaves for the model, beside its results. */
export interface RoundEnd {
  readonly texts: readonly string[];
  /** Why a listener ends the turn. */
  readonly stop: string | undefined;
}

/** Why a call was not made. */
export interface Denial {
  readonly reason: string;
  /** What a person could have chosen, where nobody could be asked. */
  readonly offers: readonly Choice[];
}

/** The calls of one step: neighbouring reads together, everything else alone and in order. */
export class ToolRound {
  readonly #options: ToolRoundOptions;
  readonly #queue = new EventQueue<TurnEvent>(MAX_WAITING_EVENTS);
  readonly #started = new Set<string>();
  readonly #outcomes = new Map<string, ToolOutcome>();
  readonly #denials = new Map<string, Denial>();

  constructor(options: ToolRoundOptions) {
    this.#options = options;
  }

  /** Runs everything. Rejects with the reason of the signal; what is known of each call then stands in `result`. */
  async *run(): AsyncGenerator<TurnEvent, RoundEnd> {
    const work = this.#all().finally(() => this.#queue.end());
    // Whoever leaves early has aborted the signal, and nobody is left to hear of it.
    work.catch(() => undefined);
    yield* this.#queue.drain();
    return await work;
  }

  /** Passes an event of an agent on, unless too many wait. Says whether the round is not over. */
  offer(event: AgentEvent): boolean {
    return this.#queue.offer(event);
  }

  /** The result of a call, whether it came to one or not. */
  result(callId: string): ToolResult {
    return this.#outcomes.get(callId)?.result ?? failure(this.#started.has(callId) ? UNKNOWN_OUTCOME : NOT_RUN);
  }

  /** What is known of a call that came to an end. */
  outcome(callId: string): ToolOutcome | undefined {
    return this.#outcomes.get(callId);
  }

  /** Present for a call that was denied. */
  denial(callId: string): Denial | undefined {
    return this.#denials.get(callId);
  }

  async #all(): Promise<RoundEnd> {
    const { context, session, calls, signal } = this.#options;
    for (const group of this.#groups()) await this.#group(group);
    const outcomes = calls.flatMap(({ id }) => this.#outcomes.get(id) ?? []);
    const batch = await context.emit(toolBatch, { session, outcomes, texts: [] }, { signal });
    for (const outcome of batch.outcomes) this.#outcomes.set(outcome.callId, outcome);
    return {
      texts: [...batch.outcomes.flatMap(({ texts }) => texts), ...batch.texts],
      stop: batch.stop ?? batch.outcomes.find(({ stop }) => stop !== undefined)?.stop,
    };
  }

  #groups(): readonly (readonly ToolUseBlock[])[] {
    const groups: ToolUseBlock[][] = [];
    let open: ToolUseBlock[] | undefined;
    for (const call of this.#options.calls) {
      const parallel = toolNamed(this.#options.tools, call.name)?.parallel === true;
      if (parallel && open !== undefined) open.push(call);
      else groups.push([call]);
      open = parallel ? groups.at(-1) : undefined;
    }
    return groups;
  }

  async #group(calls: readonly ToolUseBlock[]): Promise<void> {
    const queue = calls.values();
    const worker = async (): Promise<void> => {
      for (const call of queue) await this.#one(call);
    };
    await Promise.all(Array.from({ length: Math.min(MAX_PARALLEL, calls.length) }, worker));
  }

  async #one(call: ToolUseBlock): Promise<void> {
    const { signal, tools } = this.#options;
    signal.throwIfAborted();
    const { id: callId, name } = call;
    const started = performance.now();
    this.#started.add(callId);
    this.#queue.push({ type: "tool-start", callId, name, input: call.input });
    const tool = toolNamed(tools, name);
    const outcome = tool === undefined ? this.#unknown(call) : await this.#call(call, tool, started);
    this.#outcomes.set(callId, outcome);
    const ms = performance.now() - started;
    this.#queue.push({ type: "tool-end", callId, name, isError: outcome.result.isError === true, ms });
  }

  #unknown({ id: callId, name, input }: ToolUseBlock): ToolOutcome {
    const result = failure(`there is no tool \`${name}\`; call one of the tools that are listed`);
    return { session: this.#options.session, callId, name, input, readOnly: true, result, durationMs: 0, texts: [] };
  }

  async #call(call: ToolUseBlock, tool: ListedTool, started: number): Promise<ToolOutcome> {
    const { context, session, signal, report } = this.#options;
    const { id: callId } = call;
    const { name, aliases } = tool;
    const { directory, agentPath } = session;
    const input = withAbsolutePaths(call.input, tool.pathFields, directory);
    const use = { session, callId, name, aliases, input, readOnly: tool.readOnly };
    const outcomeOf = (result: ToolResult, texts: readonly string[] = []): ToolOutcome => ({
      ...use,
      result,
      durationMs: performance.now() - started,
      texts,
    });
    try {
      const invoked = await tool.handle.invoke(input, {
        callId,
        signal,
        agentPath,
        context: { session, directory, agentPath, report },
        onProgress: (text) => void this.#queue.offer({ type: "tool-progress", callId, text }),
      });
      if (invoked.kind === "denied") {
        this.#denials.set(callId, { reason: invoked.reason, offers: invoked.offers ?? [] });
        await context.emit(permissionDenied, { ...use, reason: invoked.reason }, { signal });
        return outcomeOf(failure(`denied: ${invoked.reason}`), invoked.context);
      }
      const result = checked(invoked.output, name);
      const outcome = await this.#told({ ...outcomeOf(result, invoked.context), input: invoked.input });
      // A call that failed may have written before, which only the tool knows.
      await this.#touched(tool, result.isError === true ? undefined : invoked.input, result);
      return outcome;
    } catch (error) {
      signal.throwIfAborted();
      const outcome = outcomeOf(failure(messageOf(error)));
      return isWrongInput(error) ? outcome : await this.#told(outcome);
    }
  }

  /** A listener that fails may have wanted to hide something: then nothing of the result is shown. */
  async #told(outcome: ToolOutcome): Promise<ToolOutcome> {
    const { context, signal } = this.#options;
    const event = outcome.result.isError === true ? toolFailed : toolDone;
    try {
      return await context.emit(event, outcome, { signal });
    } catch (error) {
      signal.throwIfAborted();
      return { ...outcome, result: failure(`the call was made, but its result is withheld: ${messageOf(error)}`) };
    }
  }

  async #touched({ readOnly, pathFields }: ListedTool, input: unknown, { touched = [] }: ToolResult): Promise<void> {
    const { context, session, signal } = this.#options;
    const files = touchedFiles(input, pathFields, touched);
    if (files.length === 0) return;
    await context.emit(filesTouched, { session, files, change: readOnly ? "read" : "write" }, { signal });
  }
}

/** What a tool gave is looked at: code of other plugins gave it. */
function checked(output: ToolResult, name: string): ToolResult {
  const content: unknown = (output as ToolResult | undefined)?.content;
  return Array.isArray(content) ? output : failure(`the tool \`${name}\` gave no result`);
}

function isWrongInput(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "E_INPUT";
}

/** The words of the tool itself. */
function messageOf(error: unknown): string {
  return error instanceof Error ? ownError(error).message : String(error);
}
