import type { ContentBlock, Message, Usage } from "./message.ts";
import type { JsonSchema } from "./json-schema.ts";

/** One call of a model. The parts before the last message are equal, byte for byte, to those of the call before. */
export interface ModelRequest {
  readonly model: string;
  readonly system: readonly string[];
  readonly messages: readonly Message[];
  readonly tools: readonly { readonly name: string; readonly description: string; readonly inputSchema: JsonSchema }[];
  readonly maxTokens?: number | undefined;
  readonly effort?: string | undefined;
  readonly signal: AbortSignal;
}

/** What arrives while a model answers. */
export type ModelEvent =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "thinking"; readonly text: string }
  | { readonly type: "tool-input"; readonly callId: string; readonly name: string; readonly json: string }
  /** A request is tried again after a pause. */
  | { readonly type: "retry"; readonly attempt: number; readonly delayMs: number; readonly reason: string };

/** Why a model stopped. */
export type StopReason = "end_turn" | "tool_use" | "max_tokens" | "stop_sequence" | "refusal" | "pause_turn";

/** A whole answer. */
export interface ModelResponse {
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  readonly usage: Usage;
}

/** Why a model call failed for good, in the words of public hooks (formats.md §6.5 `StopFailure`). */
export type ModelFailure =
  | "rate_limit"
  | "overloaded"
  | "authentication_failed"
  | "billing_error"
  | "invalid_request"
  | "model_not_found"
  | "server_error"
  | "max_output_tokens"
  | "context_overflow"
  | "unknown";

/** Thrown by a model; `failure` lets the loop decide. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly failure: ModelFailure;

  constructor(failure: ModelFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** A provider of models. */
export interface Model {
  /** What `--model` may name beside model ids, e.g. `sonnet`; the provider's own name is the contribution's name. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Whether it answers for this model id. */
  serves(model: string): boolean;
  /** The model used when nobody named one; absent means that this provider has to be asked for. */
  readonly defaultModel?: string | undefined;
  /** Why it cannot answer, with what to do about it, e.g. a missing key; `undefined` when it can. */
  unavailable(): string | undefined;
  /** Tokens of context that a model takes. */
  contextWindow(model: string): number;
  /** Throws `ModelError`, or the reason of an aborted signal. */
  stream(request: ModelRequest): AsyncGenerator<ModelEvent, ModelResponse>;
}
