import type { AgentEvent, Log, ModelRequest, ModelResponse, Session, TurnEvent } from "plugsmith/plugin-api";
import { NO_USAGE } from "./blocks.ts";
import type { ChosenModel } from "./model-choice.ts";
import type { ListedTool } from "./tool-list.ts";
import { untilAborted } from "./turn-signal.ts";

/** What one model call needs of the turn. */
export interface ModelStepOptions {
  readonly session: Session;
  readonly chosen: ChosenModel;
  readonly tools: ReadonlyMap<string, ListedTool>;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Takes events of agents that came meanwhile. */
  readonly aside: () => readonly AgentEvent[];
}

/** Ends a stream that nobody reads on. */
const ENDED: ModelResponse = { content: [], stopReason: "end_turn", usage: NO_USAGE };

/** One call of the model, with what was heard of it so far. */
export class ModelStep {
  readonly #options: ModelStepOptions;
  #heard = "";

  constructor(options: ModelStepOptions) {
    this.#options = options;
  }

  /** The text that has arrived, for a person who interrupts. */
  get heard(): string {
    return this.#heard;
  }

  /** Passes the model's events through. Rejects with what the provider throws, at once with the reason of the signal. */
  async *run(): AsyncGenerator<TurnEvent, ModelResponse> {
    const { chosen, signal, log, aside } = this.#options;
    const stream = chosen.provider.stream(this.#request());
    let open = true;
    try {
      for (;;) {
        const { done, value } = await untilAborted(signal, stream.next());
        if (done === true) {
          open = false;
          return value;
        }
        if (value.type === "text") this.#heard += value.text;
        else if (value.type === "retry") this.#heard = "";
        yield* aside();
        yield { type: "model", event: value };
      }
    } finally {
      // A provider that does not heed the signal is not waited for.
      if (open) stream.return(ENDED).catch((error: unknown) => log.debug(`a model ended with: ${String(error)}`));
    }
  }

  #request(): ModelRequest {
    const { session, chosen, tools, signal } = this.#options;
    return {
      model: chosen.model,
      system: session.system ?? [],
      // Not a copy: the list does not change during the call, and in a long session a copy a step is most of what is allocated.
      messages: session.messages,
      tools: [...tools.values()].map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      effort: session.turn.effort ?? session.options.effort,
      signal,
    };
  }
}
