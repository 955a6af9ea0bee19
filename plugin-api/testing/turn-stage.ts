import { contextTexts, promptExpansion, promptGate, systemPrompt, type SystemPromptParts } from "../events/session.ts";
import { modelsNeeded } from "../events/model.ts";
import { toolPermission } from "../events/tool.ts";
import type { ContentBlock } from "../message.ts";
import { ModelError, type Model, type ModelEvent, type ModelRequest, type ModelResponse } from "../model.ts";
import { definePlugin, type Plugin, type PluginContext } from "../plugin.ts";
import { modelPoint } from "../points/model.ts";
import { toolPoint } from "../points/tool.ts";
import type { JsonSchema } from "../json-schema.ts";
import { defineTool } from "../tool.ts";
import { textOf } from "./conformance-case.ts";
import { text } from "./message-list.ts";

/** What the model of a case answers to one request. */
export interface StagedAnswer {
  readonly text?: string | undefined;
  readonly calls?: readonly (readonly [tool: string, input?: Readonly<Record<string, unknown>>])[] | undefined;
  /** Says the text, then nothing until the request is aborted. */
  readonly hangs?: boolean | undefined;
  /** Fails for good. */
  readonly fails?: string | undefined;
}

/** One request to the model, as text. */
export interface StagedRequest {
  readonly system: string;
  readonly tools: string;
  readonly messages: readonly string[];
  readonly request: ModelRequest;
}

const USAGE = { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 };
const ANYTHING: JsonSchema = { type: "object" };

/** The other side of a turn: a model that follows a script, tools that behave as their names say, and somebody at the gate. */
export class TurnStage {
  readonly requests: StagedRequest[] = [];
  /** `begin <tool>` and `end <tool>` in the order in which it happened. */
  readonly happened: string[] = [];
  /** What a listener appends for the model, by reason. */
  texts: Readonly<Record<string, string>> = {};
  /** What a listener adds to the system prompt. */
  parts: SystemPromptParts["parts"] = [];
  readonly #script: readonly StagedAnswer[];
  #calls = 0;

  /** Beyond its script the model says `done`. */
  constructor(script: readonly StagedAnswer[]) {
    this.#script = script;
  }

  /** What the manifest of `plugin` says under `plugsmith`. */
  get plugsmith(): Readonly<Record<string, unknown>> {
    return {
      entry: "./index.js",
      activation: "startup",
      contributes: { [modelPoint.key]: [], [toolPoint.key]: [] },
      listens: [modelsNeeded, contextTexts, toolPermission, systemPrompt, promptExpansion, promptGate].map(
        ({ key }) => key,
      ),
    };
  }

  get plugin(): Plugin {
    return definePlugin({ activate: (context) => this.#activate(context) });
  }

  #activate(context: PluginContext): void {
    context.contribute(modelPoint, "staged", this.#model());
    const add = (
      name: string,
      readOnly: boolean,
      run: (input: Input, signal: AbortSignal) => Promise<string>,
    ): void => {
      const tool = defineTool<Input>({
        name,
        description: `can ${name}`,
        inputSchema: name === "strict" ? { type: "object", required: ["n"] } : ANYTHING,
        readOnly,
        run: async (input, { signal }) => {
          this.happened.push(`begin ${name}`);
          const result = await run(input, signal);
          this.happened.push(`end ${name}`);
          return result;
        },
      });
      context.contribute(toolPoint, name, tool);
    };
    add("look", true, async ({ ms = 0, word = "seen" }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return word;
    });
    add("change", false, async ({ ms = 0 }) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return "changed";
    });
    add("secret", true, async () => "never to be seen");
    add("strict", true, async () => "never to be reached");
    add("break", true, async () => {
      throw new Error("it broke");
    });
    add("hang", true, (_input, signal) => untilAborted(signal));
    context.listen(toolPermission, ({ name }) =>
      name === "secret" ? { decision: "deny", reason: "not today" } : { decision: "allow" },
    );
    context.listen(systemPrompt, ({ session, parts }) => ({ session, parts: [...parts, ...this.parts] }));
    context.listen(promptExpansion, ({ text: prompt }) => {
      const [, args] = /^\/shout (.*)$/u.exec(prompt) ?? [];
      return args === undefined
        ? undefined
        : { content: [text(args.toUpperCase())], name: "shout", kind: "command", args };
    });
    context.listen(promptGate, ({ prompt }) =>
      prompt.includes("forbidden") ? { decision: "deny", reason: "nobody says that here" } : { decision: "pass" },
    );
    context.listen(contextTexts, (collected) => {
      const more = this.texts[collected.reason];
      return more === undefined ? collected : { ...collected, texts: [...collected.texts, more] };
    });
  }

  #model(): Model {
    return {
      aliases: {},
      defaultModel: "staged-1",
      serves: (model) => model === "staged-1",
      unavailable: () => undefined,
      contextWindow: () => 100_000,
      stream: (request) => this.#answer(request),
    };
  }

  async *#answer(request: ModelRequest): AsyncGenerator<ModelEvent, ModelResponse> {
    const { system, tools, messages, signal } = request;
    const copy = { ...request, messages: [...messages] };
    this.requests.push({ system: textOf(system), tools: textOf(tools), messages: messages.map(textOf), request: copy });
    const call = this.#calls;
    this.#calls += 1;
    const { text: words, calls = [], hangs, fails } = this.#script[call] ?? { text: "done" };
    if (fails !== undefined) throw new ModelError("server_error", fails);
    for (const word of words?.match(/\S+\s*/gu) ?? []) yield { type: "text", text: word };
    if (hangs === true) await untilAborted(signal);
    const content: readonly ContentBlock[] = [
      ...(words === undefined ? [] : [text(words)]),
      ...calls.map(([name, input = {}], at) => ({
        type: "tool_use" as const,
        id: `call_${String(call)}_${String(at)}`,
        name,
        input,
      })),
    ];
    return { content, stopReason: calls.length > 0 ? "tool_use" : "end_turn", usage: USAGE };
  }
}

interface Input {
  readonly ms?: number;
  readonly word?: string;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("it was aborted"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
  });
}
