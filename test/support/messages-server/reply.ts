import type { CountedTokens } from "./prefix-cache.ts";

/** What the server does wrong on purpose. */
export type Fault =
  /** Answers 429 with `retry-after`. */
  | { readonly kind: "rate-limit"; readonly retryAfterSeconds: number }
  /** Answers 529. */
  | { readonly kind: "overloaded" }
  /** Answers with another status and error type. */
  | { readonly kind: "status"; readonly status: number; readonly type: string; readonly message?: string }
  /** Sends so many events of the reply, then cuts the connection. */
  | { readonly kind: "reset"; readonly afterEvents: number }
  /** Sends so many events of the reply, then an error event. */
  | { readonly kind: "error-event"; readonly afterEvents: number; readonly type: string }
  /** Ends properly in the middle of the input of the last call, with `max_tokens`. */
  | { readonly kind: "half-input" }
  /** Mixes in events, blocks and deltas that nobody has heard of. */
  | { readonly kind: "unknown-events" }
  /** Sends so many events of the reply, then nothing any more, with the connection open. */
  | { readonly kind: "silence"; readonly afterEvents: number };

/** What the server answers. */
export interface Reply {
  readonly thinking?: string;
  readonly text?: string;
  /** Calls of tools; ids are made where they are missing. */
  readonly calls?: readonly { readonly name: string; readonly input: unknown; readonly id?: string }[];
  /** Default: `tool_use` with calls, else `end_turn`. */
  readonly stopReason?: string;
  readonly fault?: Fault;
}

/** One event of a stream. */
export interface StreamEvent {
  readonly type: string;
  readonly [field: string]: unknown;
}

const PIECE_CHARACTERS = 12;

/** The events of a reply, in the protocol's order. */
export function replyEvents(reply: Reply, model: string, call: number, tokens: CountedTokens): readonly StreamEvent[] {
  const blocks = replyBlocks(reply, call);
  const half = reply.fault?.kind === "half-input";
  const unknown = reply.fault?.kind === "unknown-events";
  const events: StreamEvent[] = [messageStart(model, call, tokens), { type: "ping" }];
  if (unknown) events.push({ type: "weather_report", sky: "clear" });
  for (const [index, { start, deltas }] of blocks.entries()) {
    const cut = half && index === blocks.length - 1;
    events.push({ type: "content_block_start", index, content_block: start });
    if (unknown) events.push({ type: "content_block_delta", index, delta: { type: "glitter_delta", glitter: 1 } });
    for (const delta of cut ? deltas.slice(0, Math.floor(deltas.length / 2)) : deltas) {
      events.push({ type: "content_block_delta", index, delta });
    }
    events.push({ type: "content_block_stop", index });
  }
  if (unknown) {
    const index = blocks.length;
    events.push({ type: "content_block_start", index, content_block: { type: "hologram", data: "x" } });
    events.push({ type: "content_block_stop", index });
  }
  const stop = half ? "max_tokens" : (reply.stopReason ?? (reply.calls?.length ? "tool_use" : "end_turn"));
  events.push({
    type: "message_delta",
    delta: { stop_reason: stop, stop_sequence: null },
    usage: { output_tokens: events.length },
  });
  events.push({ type: "message_stop" });
  return events;
}

interface ReplyBlock {
  readonly start: Readonly<Record<string, unknown>>;
  readonly deltas: readonly Readonly<Record<string, unknown>>[];
}

function replyBlocks({ thinking, text, calls = [] }: Reply, call: number): readonly ReplyBlock[] {
  const blocks: ReplyBlock[] = [];
  if (thinking !== undefined) {
    blocks.push({
      start: { type: "thinking", thinking: "", signature: "" },
      deltas: [
        ...inPieces(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece })),
        { type: "signature_delta", signature: `signed-${String(call)}` },
      ],
    });
  }
  if (text !== undefined) {
    const deltas = inPieces(text).map((piece) => ({ type: "text_delta", text: piece }));
    blocks.push({ start: { type: "text", text: "" }, deltas });
  }
  for (const [at, { name, input, id = `call_${String(call)}_${String(at)}` }] of calls.entries()) {
    const json = input === undefined ? "" : JSON.stringify(input);
    const deltas = inPieces(json).map((piece) => ({ type: "input_json_delta", partial_json: piece }));
    blocks.push({ start: { type: "tool_use", id, name, input: {} }, deltas });
  }
  return blocks;
}

function inPieces(text: string): readonly string[] {
  return text.match(new RegExp(`[^]{1,${String(PIECE_CHARACTERS)}}`, "gu")) ?? [];
}

function messageStart(model: string, call: number, { input, cacheRead, cacheWrite }: CountedTokens): StreamEvent {
  return {
    type: "message_start",
    message: {
      id: `msg_${String(call)}`,
      type: "message",
      role: "assistant",
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: input,
        cache_read_input_tokens: cacheRead,
        cache_creation_input_tokens: cacheWrite,
        output_tokens: 1,
      },
    },
  };
}
