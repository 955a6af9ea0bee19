import type {
  AgentEvent,
  OfferedTool,
  PluginContext,
  Session,
  ToolRun,
  ToolRunRequest,
  Tools,
} from "plugsmith/plugin-api";
import type { ToolList } from "./tool-list.ts";
import { ToolRound } from "./tool-round.ts";

/** Calls of tools without a model: each is a round of its own, with every gate and listener of one. */
export class ToolRuns implements Tools {
  readonly #context: PluginContext;
  readonly #tools: ToolList;
  readonly #report: (session: Session, event: AgentEvent) => void;

  constructor(context: PluginContext, tools: ToolList, report: (session: Session, event: AgentEvent) => void) {
    this.#context = context;
    this.#tools = tools;
    this.#report = report;
  }

  list(session: Session): readonly OfferedTool[] {
    return [...this.#tools.of(session).values()].map(({ handle, description, inputSchema }) => ({
      plugin: handle.plugin,
      descriptor: { ...handle.descriptor, description, inputSchema },
    }));
  }

  async call({ session, callId, name, input, signal, onProgress }: ToolRunRequest): Promise<ToolRun> {
    const context = this.#context;
    const round = new ToolRound({
      context,
      session,
      calls: [{ type: "tool_use", id: callId, name, input }],
      tools: this.#tools.of(session),
      signal: AbortSignal.any([signal, session.signal, context.signal]),
      report: (event) => this.#report(session, event),
    });
    const events = round.run();
    for (let step = await events.next(); ; step = await events.next()) {
      if (step.done !== true) {
        if (step.value.type === "tool-progress") onProgress?.(step.value.text);
        continue;
      }
      const outcome = round.outcome(callId);
      if (outcome === undefined) throw new Error(`the call of \`${name}\` came to no end`);
      const denied = round.denial(callId);
      const { texts, stop } = step.value;
      return { ...outcome, texts, ...(stop !== undefined && { stop }), ...(denied !== undefined && { denied }) };
    }
  }
}
