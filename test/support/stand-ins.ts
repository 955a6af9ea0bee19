import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  agentsService,
  backgroundTasksService,
  mcpServersService,
  modelPoint,
  modelsNeeded,
  modelsService,
  modelSwitchService,
  permissionsService,
  promptTextsService,
  sessionsService,
  toolPoint,
  toolsService,
  turnsService,
  type ContentBlock,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type ModelResponse,
  type PluginContext,
  type PromptTexts,
  type Session,
  type ToolResult,
  type TurnEvent,
  type TurnRequest,
  type TurnResult,
} from "../../plugin-api/index.ts";
import { MemorySessions } from "./memory-sessions.ts";

// The least that is still honest in place of what built-ins provide.
const USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };

/** What stands in for each service of the built-ins, by key. */
export const STAND_INS: Readonly<Record<string, (context: PluginContext) => void>> = {
  [sessionsService.key]: (context) => void context.provide(sessionsService, new MemorySessions()),
  [turnsService.key]: (context) => void context.provide(turnsService, { run: (request) => runTurn(context, request) }),
  [modelsService.key]: (context) => void context.provide(modelsService, { ask: async () => "a word" }),
  [modelSwitchService.key]: (context) =>
    void context.provide(modelSwitchService, { switchModel: async ({ model }) => model }),
  [promptTextsService.key]: (context) => void context.provide(promptTextsService, plainTexts),
  [backgroundTasksService.key]: (context) =>
    void context.provide(backgroundTasksService, {
      requireRoom: () => undefined,
      add: () => "task_1",
      running: () => [],
      isAwaited: () => false,
      nextEnd: async () => undefined,
    }),
  [toolsService.key]: (context) =>
    void context.provide(toolsService, {
      list: () => [],
      call: async ({ session, callId, name, input }) => {
        const plugin = context.plugin;
        const descriptor = { name, description: "", inputSchema: {}, readOnly: false, concurrencySafe: false };
        const result: ToolResult = { content: [{ type: "text", text: `there is no tool \`${name}\`` }], isError: true };
        const use = { session, callId, name, input, plugin, descriptor, readOnly: false };
        return { ...use, result, durationMs: 0, texts: [] };
      },
    }),
  [mcpServersService.key]: (context) =>
    void context.provide(mcpServersService, {
      all: () => [],
      settled: async () => undefined,
      onChange: () => ({ dispose: () => undefined }),
      prompt: async ({ name }) => {
        throw new Error(`there is no prompt \`${name}\``);
      },
      complete: async () => ({ values: [] }),
      subscribe: async () => ({ dispose: () => undefined }),
    }),
  [permissionsService.key]: (context) => void context.provide(permissionsService, { mayRead: () => true }),
  [agentsService.key]: (context) =>
    void context.provide(agentsService, {
      list: () => [],
      run: async ({ agent }) => ({ text: `there is no agent \`${agent}\``, isError: true }),
    }),
};

/** A model whose answers a module gives that its id names. */
export const moduleModel: Model = {
  aliases: {},
  serves: () => false,
  unavailable: () => undefined,
  contextWindow: () => 1_000,
  stream: async function* (request): AsyncGenerator<ModelEvent, ModelResponse> {
    // The module is the script of the test.
    const script = (await import(pathToFileURL(request.model).href)) as {
      readonly default: (request: ModelRequest) => string | { readonly calls: readonly { readonly name: string }[] };
    };
    const reply = script.default(request);
    if (typeof reply === "string") {
      yield { type: "text", text: reply };
      return { content: [{ type: "text", text: reply }], stopReason: "end_turn", usage: USAGE };
    }
    const content = reply.calls.map((call, at) => ({
      type: "tool_use" as const,
      id: `call_${String(request.messages.length)}_${String(at)}`,
      input: {},
      ...call,
    }));
    return { content, stopReason: "tool_use", usage: USAGE };
  },
};

/** The text of a file as it stands. */
const plainTexts: PromptTexts = {
  render: async ({ plugin, document }) => ({
    text: "file" in document ? readFileSync(join(plugin.directory, document.file), "utf8") : document.content,
    attachments: [],
    allowedTools: [],
    trusted: true,
  }),
};

/** Asks the model and calls its tools one by one until it calls none. */
async function* runTurn(
  context: PluginContext,
  { session, prompt }: TurnRequest,
): AsyncGenerator<TurnEvent, TurnResult> {
  await context.emit(modelsNeeded, {});
  const [provider = "", model = ""] = session.options.model?.split(/:(.*)/su) ?? [];
  const found = (await context.read(modelPoint)).all().find(({ name }) => name === provider);
  if (found === undefined) return ended("failed", 0, "", `there is no model of \`${provider}\``);
  session.append({ role: "user", content: typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt });
  for (let steps = 1; ; steps += 1) {
    const { content } = await answerOf(context, found.value, model, session);
    const message = { role: "assistant" as const, content };
    session.append(message);
    yield { type: "assistant", message, usage: USAGE };
    const results = await resultsOf(context, session, content);
    if (results.length === 0) {
      return ended("done", steps, content.map((block) => (block.type === "text" ? block.text : "")).join("\n"));
    }
    session.append({ role: "user", content: results });
  }
}

function ended(reason: TurnResult["reason"], steps: number, text: string, message?: string): TurnResult {
  return { reason, text, steps, usage: USAGE, message };
}

async function answerOf(
  context: PluginContext,
  provider: Model,
  model: string,
  session: Session,
): Promise<ModelResponse> {
  const tools = (await context.read(toolPoint)).all().map(({ descriptor }) => descriptor);
  const stream = provider.stream({ model, system: [], messages: session.messages, tools, signal: session.signal });
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return value;
  }
}

async function resultsOf(
  context: PluginContext,
  session: Session,
  content: readonly ContentBlock[],
): Promise<readonly ContentBlock[]> {
  const tools = (await context.read(toolPoint)).all();
  const results: ContentBlock[] = [];
  for (const block of content) {
    if (block.type !== "tool_use") continue;
    const { directory, agentPath } = session;
    const tool = tools.find(({ name }) => name === block.name);
    const invoked = await tool
      ?.invoke(block.input, { callId: block.id, agentPath, context: { session, directory, agentPath } })
      .catch((error: unknown) => ({ kind: "denied" as const, reason: String(error) }));
    const text =
      invoked?.kind === "done" ? JSON.stringify(invoked.output.content) : (invoked?.reason ?? "no such tool");
    results.push({ type: "tool_result", tool_use_id: block.id, content: [{ type: "text", text }] });
  }
  return results;
}
