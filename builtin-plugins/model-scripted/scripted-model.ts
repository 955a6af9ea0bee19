import { resolve } from "node:path";
import {
  messageOf,
  ModelError,
  type ContentBlock,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type ModelResponse,
  type Usage,
} from "plugsmith/plugin-api";
import { Reading } from "./reading.ts";
import { replyProblem, Scripts, type Script, type ScriptReply } from "./script.ts";

const CONTEXT_WINDOW_TOKENS = 200_000;
const NO_USAGE: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** Answers as a script says; a model's id is the path of its script, and nobody gets it who does not ask for it. */
export class ScriptedModel implements Model {
  readonly aliases: Readonly<Record<string, string>> = {};
  readonly #directory: string;
  readonly #scripts = new Scripts();

  /** `directory`: what relative paths of scripts start from. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  serves(): boolean {
    return false;
  }

  unavailable(): undefined {
    return undefined;
  }

  contextWindow(): number {
    return CONTEXT_WINDOW_TOKENS;
  }

  /** Decides by the request alone, so that a resumed session goes on where it was. */
  async *stream(request: ModelRequest): AsyncGenerator<ModelEvent, ModelResponse> {
    request.signal.throwIfAborted();
    const file = resolve(this.#directory, request.model);
    const reply = await replyTo(request, await this.#script(file), file);
    request.signal.throwIfAborted();
    if (reply.error !== undefined)
      throw new ModelError(reply.error, reply.text ?? `the script fails with ${reply.error}`);
    const content = contentOf(reply, request.messages.length);
    for (const block of content) {
      if (block.type === "thinking") yield { type: "thinking", text: block.thinking };
      else if (block.type === "text") yield { type: "text", text: block.text };
      else if (block.type === "tool_use") {
        yield { type: "tool-input", callId: block.id, name: block.name, json: JSON.stringify(block.input) };
      }
    }
    const calls = content.some(({ type }) => type === "tool_use");
    return { content, stopReason: reply.stopReason ?? (calls ? "tool_use" : "end_turn"), usage: NO_USAGE };
  }

  async #script(file: string): Promise<Script> {
    try {
      return await this.#scripts.read(file);
    } catch (error) {
      throw new ModelError("model_not_found", messageOf(error), { cause: error });
    }
  }
}

async function replyTo(request: ModelRequest, script: Script, file: string): Promise<ScriptReply> {
  if (script.kind === "function") {
    const answered: unknown = await answerOf(script.answer, request, file);
    const reply = typeof answered === "string" ? { text: answered } : answered;
    const problem = replyProblem({ ...(typeof reply === "object" && reply) });
    if (problem !== undefined) throw new ModelError("invalid_request", `the answer of \`${file}\` ${problem}`);
    // It was looked at.
    return reply as ScriptReply;
  }
  const reading = new Reading(request);
  const step = script.steps.find(({ when }) => reading.fits(when));
  if (step === undefined) {
    throw new ModelError(
      "invalid_request",
      `no step of \`${file}\` fits what the model was sent last: ${reading.describe()}`,
    );
  }
  return reading.filled(step.reply);
}

/** Ids are unique in a session, whose list of messages only grows. */
function contentOf({ thinking, text, calls = [] }: ScriptReply, messages: number): readonly ContentBlock[] {
  return [
    ...(thinking === undefined ? [] : [{ type: "thinking" as const, thinking, signature: "scripted" }]),
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...calls.map(({ name, input = {} }, at) => ({
      type: "tool_use" as const,
      id: `scripted_${String(messages)}_${String(at)}`,
      name,
      input,
    })),
  ];
}

/** A script is somebody's program: what it throws says nothing without its name. */
async function answerOf(
  answer: (request: ModelRequest) => unknown,
  request: ModelRequest,
  file: string,
): Promise<unknown> {
  try {
    return await answer(request);
  } catch (error) {
    request.signal.throwIfAborted();
    const why = messageOf(error);
    throw new ModelError("invalid_request", `the script \`${file}\` threw: ${why}`, { cause: error });
  }
}
