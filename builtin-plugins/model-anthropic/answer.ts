import type { ContentBlock, ModelEvent, ModelResponse, StopReason, Usage } from "plugsmith/plugin-api";

/** A stream that broke off, or holds what cannot be read: the whole request may be tried again. */
export class BrokenAnswer extends Error {
  override readonly name = "BrokenAnswer";
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  end_turn: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  model_context_window_exceeded: "max_tokens",
  stop_sequence: "stop_sequence",
  refusal: "refusal",
  pause_turn: "pause_turn",
};

type Fields = Readonly<Record<string, unknown>>;

interface OpenBlock {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  /** Text, thinking, or the JSON of an input; parts are joined at the end. */
  readonly parts: string[];
  signature: string;
  readonly data: string;
}

/** Puts an answer together from the events of the stream; what it does not know it leaves out. */
export class Answer {
  readonly #blocks = new Map<number, OpenBlock>();
  readonly #counts = new Map<string, number>();
  #stopReason: string | undefined;
  #complete = false;

  /** Takes one event of the stream; returns what a person may see of it. */
  take(event: unknown): ModelEvent | undefined {
    const fields = asFields(event);
    switch (fields["type"]) {
      case "message_start":
        this.#count(asFields(asFields(fields["message"])["usage"]));
        return undefined;
      case "content_block_start":
        this.#open(Number(fields["index"]), asFields(fields["content_block"]));
        return undefined;
      case "content_block_delta":
        return this.#extend(Number(fields["index"]), asFields(fields["delta"]));
      case "message_delta":
        this.#stopReason = asText(asFields(fields["delta"])["stop_reason"]);
        this.#count(asFields(fields["usage"]));
        return undefined;
      case "message_stop":
        this.#complete = true;
        return undefined;
      default:
        return undefined;
    }
  }

  /** The whole answer. Throws `BrokenAnswer`. */
  finish(): ModelResponse {
    if (!this.#complete) throw new BrokenAnswer("the answer broke off");
    const stopReason = STOP_REASONS[this.#stopReason ?? ""] ?? "end_turn";
    const cut = stopReason === "max_tokens";
    const content = [...this.#blocks.values()].flatMap((block) => finished(block, cut));
    return { content, stopReason, usage: this.#billed() };
  }

  #open(index: number, block: Fields): void {
    this.#blocks.set(index, {
      type: asText(block["type"]),
      id: asText(block["id"]),
      name: asText(block["name"]),
      parts: [asText(block["text"]), asText(block["thinking"])].filter((part) => part !== ""),
      signature: asText(block["signature"]),
      data: asText(block["data"]),
    });
  }

  #extend(index: number, delta: Fields): ModelEvent | undefined {
    const block = this.#blocks.get(index);
    if (block === undefined) return undefined;
    switch (delta["type"]) {
      case "text_delta": {
        const text = asText(delta["text"]);
        block.parts.push(text);
        return { type: "text", text };
      }
      case "thinking_delta": {
        const text = asText(delta["thinking"]);
        block.parts.push(text);
        return { type: "thinking", text };
      }
      case "signature_delta":
        block.signature += asText(delta["signature"]);
        return undefined;
      case "input_json_delta": {
        const json = asText(delta["partial_json"]);
        block.parts.push(json);
        return block.type === "tool_use" ? { type: "tool-input", callId: block.id, name: block.name, json } : undefined;
      }
      default:
        return undefined;
    }
  }

  #count(usage: Fields): void {
    for (const [key, value] of Object.entries(usage)) if (typeof value === "number") this.#counts.set(key, value);
  }

  #billed(): Usage {
    const count = (key: string): number => this.#counts.get(key) ?? 0;
    return {
      inputTokens: count("input_tokens"),
      outputTokens: count("output_tokens"),
      cacheReadTokens: count("cache_read_input_tokens"),
      cacheWriteTokens: count("cache_creation_input_tokens"),
    };
  }
}

/** A finished block; an input that the token limit cut off is left out, any other that cannot be read breaks the answer. */
function finished(block: OpenBlock, cut: boolean): ContentBlock[] {
  const joined = block.parts.join("");
  switch (block.type) {
    case "text":
      return joined.trim() === "" ? [] : [{ type: "text", text: joined }];
    case "thinking":
      return block.signature === "" ? [] : [{ type: "thinking", thinking: joined, signature: block.signature }];
    case "redacted_thinking":
      return [{ type: "redacted_thinking", data: block.data }];
    case "tool_use": {
      // Nothing stands for no fields, but after a cut for an input that had not begun.
      const input = joined === "" && cut ? undefined : parsedInput(joined);
      if (input !== undefined) return [{ type: "tool_use", id: block.id, name: block.name, input }];
      if (cut) return [];
      throw new BrokenAnswer(`the input of the call of \`${block.name}\` is no JSON object`);
    }
    default:
      return [];
  }
}

/** `undefined` for what is no JSON object, which no later request could hold. */
function parsedInput(json: string): unknown {
  if (json === "") return {};
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function asFields(value: unknown): Fields {
  // Any object can be looked into by name; each field is tested where it is used.
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}
