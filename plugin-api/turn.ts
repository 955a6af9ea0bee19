import type { ContentBlock, Message, Usage } from "./message.ts";
import type { ModelEvent } from "./model.ts";
import type { Session } from "./session.ts";

/** One request of a person, or of a parent agent. */
export interface TurnRequest {
  readonly session: Session;
  readonly prompt: string | readonly ContentBlock[];
  /** Model calls at most; absent means no limit. */
  readonly maxTurns?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What happens during a turn, in order; deltas of the model are passed through, and what agents below do. */
export type TurnEvent = StepEvent | AgentEvent;

/** An event of an agent below, of one in the background too. */
export interface AgentEvent {
  readonly type: "agent";
  /** The id of its session; tells apart agents of one name that run at once. */
  readonly agentId: string;
  /** Names of the agents down to it. */
  readonly agentPath: readonly string[];
  readonly event: StepEvent;
}

/** What one conversation does itself. */
export type StepEvent =
  | { readonly type: "prompt"; readonly message: Message }
  | { readonly type: "model"; readonly event: ModelEvent }
  | { readonly type: "assistant"; readonly message: Message; readonly usage: Usage }
  | { readonly type: "tool-start"; readonly callId: string; readonly name: string; readonly input: unknown }
  | { readonly type: "tool-progress"; readonly callId: string; readonly text: string }
  | {
      readonly type: "tool-end";
      readonly callId: string;
      readonly name: string;
      readonly isError: boolean;
      readonly ms: number;
    }
  | { readonly type: "tool-results"; readonly message: Message }
  /** For the person only. */
  | { readonly type: "notice"; readonly text: string; readonly plugin?: string | undefined };

/** How a turn ended; the session's messages are valid in every case. */
export interface TurnResult {
  readonly reason: "done" | "max-turns" | "aborted" | "blocked" | "failed" | "stopped";
  /** The last text of the model. */
  readonly text: string;
  readonly steps: number;
  readonly usage: Usage;
  /** Why, for `blocked`, `failed` and `stopped`. */
  readonly message?: string | undefined;
  /** The kind of failure, for `failed`, in the words of `ModelFailure`. */
  readonly failure?: string | undefined;
  /** What a person can do about it, for `failed`. */
  readonly hint?: string | undefined;
}

/** Runs turns: the service of `turn-loop`. One turn of a session at a time. */
export interface Turns {
  run(request: TurnRequest): AsyncGenerator<TurnEvent, TurnResult>;
}
