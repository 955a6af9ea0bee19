import { describe, expect, it } from "vitest";
import {
  ModelError,
  modelPoint,
  modelsNeeded,
  type Message,
  type Model,
  type ModelEvent,
  type ModelRequest,
  type ModelResponse,
} from "../../../plugin-api/index.ts";
import { messagesServer, type Fault, type Reply } from "../../support/messages-server/index.ts";
import { servedHost, sessionHost, type SessionHost } from "../../support/session-host.ts";
import { canary } from "../../support/canary.ts";

const KEY = canary("model");

const HELLO: Message = { role: "user", content: [{ type: "text", text: "hello" }] };

const modelOf = async (test: SessionHost): Promise<Model> => {
  await test.host.frontend.emit(modelsNeeded, {});
  const [model] = (await test.host.frontend.read(modelPoint)).all();
  return model!.value;
};

const ask = async (
  model: Model,
  more: Partial<ModelRequest> = {},
): Promise<{ readonly events: readonly ModelEvent[]; readonly response: ModelResponse }> => {
  const signal = new AbortController().signal;
  const stream = model.stream({
    model: "claude-sonnet-5-5",
    system: [],
    messages: [HELLO],
    tools: [],
    signal,
    ...more,
  });
  const events: ModelEvent[] = [];
  for (;;) {
    const { done, value } = await stream.next();
    if (done === true) return { events, response: value };
    events.push(value);
  }
};

const OPTIONS = { pluginOptions: { "model-anthropic": { maxRetries: 2 } } };
const IMPATIENT = { pluginOptions: { "model-anthropic": { maxRetries: 8, silenceMs: 400 } } };

/** The first call fails as `fault` says, later ones answer. */
const failingOnce =
  (fault: Fault) =>
  (_: unknown, call: number): Reply => ({
    thinking: "hm",
    text: `answer ${String(call)}`,
    calls: [{ name: "Read", input: { path: "a" } }],
    ...(call === 1 && { fault }),
  });

describe("the Anthropic model", () => {
  it("passes text, thinking and inputs on as they arrive, and returns the whole answer", async () => {
    await using test = await servedHost(() => ({
      thinking: "let me think about it",
      text: "here is the answer",
      calls: [
        { name: "Read", input: { path: 'a"b' }, id: "c1" },
        { name: "List", input: undefined, id: "c2" },
      ],
    }));
    const { events, response } = await ask(await modelOf(test));
    expect(response.content).toEqual([
      { type: "thinking", thinking: "let me think about it", signature: "signed-1" },
      { type: "text", text: "here is the answer" },
      { type: "tool_use", id: "c1", name: "Read", input: { path: 'a"b' } },
      { type: "tool_use", id: "c2", name: "List", input: {} },
    ]);
    expect([response.stopReason, response.usage.outputTokens > 0]).toEqual(["tool_use", true]);
    const joined = (type: string): string =>
      events
        .map((event) => (event.type === type ? ("json" in event ? event.json : "text" in event ? event.text : "") : ""))
        .join("");
    expect([joined("text"), joined("thinking"), joined("tool-input")]).toEqual([
      "here is the answer",
      "let me think about it",
      '{"path":"a\\"b"}',
    ]);
  });

  const retried: readonly { readonly name: string; readonly fault: Fault; readonly reason: RegExp }[] = [
    {
      name: "429 with retry-after",
      fault: { kind: "rate-limit", retryAfterSeconds: 0.01 },
      reason: /too many requests/u,
    },
    { name: "529", fault: { kind: "overloaded" }, reason: /overloaded/u },
    { name: "500", fault: { kind: "status", status: 500, type: "api_error" }, reason: /api_error/u },
    { name: "a reset before the first event", fault: { kind: "reset", afterEvents: 0 }, reason: /connection broke/u },
    { name: "a reset in the middle", fault: { kind: "reset", afterEvents: 8 }, reason: /connection broke/u },
    {
      name: "an error event in the middle",
      fault: { kind: "error-event", afterEvents: 5, type: "overloaded_error" },
      reason: /overloaded/u,
    },
    { name: "silence from the beginning", fault: { kind: "silence", afterEvents: 0 }, reason: /silence for 400 ms/u },
    { name: "silence in the middle", fault: { kind: "silence", afterEvents: 6 }, reason: /silence for 400 ms/u },
  ];
  it.each(retried)("tries again after $name, and says so", async ({ fault, reason }) => {
    await using test = await servedHost(failingOnce(fault), fault.kind === "silence" ? IMPATIENT : OPTIONS);
    const { events, response } = await ask(await modelOf(test));
    const retry = events.find(({ type }) => type === "retry");
    expect(retry).toMatchObject({ type: "retry", attempt: 1, reason: expect.stringMatching(reason) as unknown });
    if (fault.kind === "rate-limit") expect(retry).toMatchObject({ delayMs: 10 });
    // A busy machine can be silent once more than was asked for.
    expect(response.content[1]).toMatchObject({ text: expect.stringMatching(/^answer [2-9]$/u) as unknown });
  });

  it("tries again when an input is no object", async () => {
    const calls = (call: number) => [{ name: "Read", input: call === 1 ? [1] : { path: "a" } }];
    await using test = await servedHost((_, call) => ({ calls: calls(call) }), OPTIONS);
    const { events, response } = await ask(await modelOf(test));
    expect(events.find(({ type }) => type === "retry")).toMatchObject({
      reason: expect.stringContaining("Read") as unknown,
    });
    expect(response.content).toMatchObject([{ type: "tool_use", input: { path: "a" } }]);
  });

  it("leaves out events, blocks and deltas that it does not know", async () => {
    await using test = await servedHost(failingOnce({ kind: "unknown-events" }), OPTIONS);
    const { response } = await ask(await modelOf(test));
    expect(response.content.map(({ type }) => type)).toEqual(["thinking", "text", "tool_use"]);
  });

  it.each(["a", "a path that is longer"])("leaves out an input that the limit of tokens cut off: %s", async (path) => {
    const calls = [{ name: "Read", input: { path } }];
    await using test = await servedHost(() => ({
      thinking: "hm",
      text: "I read",
      calls,
      fault: { kind: "half-input" },
    }));
    const { response } = await ask(await modelOf(test));
    expect([response.stopReason, response.content.map(({ type }) => type)]).toEqual([
      "max_tokens",
      ["thinking", "text"],
    ]);
  });

  const final: readonly {
    readonly name: string;
    readonly fault: Fault;
    readonly failure: string;
    readonly calls: number;
  }[] = [
    { name: "no end of overloads", fault: { kind: "overloaded" }, failure: "overloaded", calls: 3 },
    {
      name: "a wait that is too long",
      fault: { kind: "rate-limit", retryAfterSeconds: 3_600 },
      failure: "rate_limit",
      calls: 1,
    },
    {
      name: "a wrong key",
      fault: { kind: "status", status: 401, type: "authentication_error" },
      failure: "authentication_failed",
      calls: 1,
    },
    {
      name: "no money",
      fault: { kind: "status", status: 402, type: "billing_error" },
      failure: "billing_error",
      calls: 1,
    },
    {
      name: "an unknown model",
      fault: { kind: "status", status: 404, type: "not_found_error" },
      failure: "model_not_found",
      calls: 1,
    },
    {
      name: "a bad request",
      fault: { kind: "status", status: 400, type: "invalid_request_error" },
      failure: "invalid_request",
      calls: 1,
    },
    {
      name: "a request that is too large",
      fault: { kind: "status", status: 413, type: "request_too_large" },
      failure: "context_overflow",
      calls: 1,
    },
    {
      name: "too many tokens",
      fault: {
        kind: "status",
        status: 400,
        type: "invalid_request_error",
        message: "prompt is too long: 9 tokens > 8 maximum",
      },
      failure: "context_overflow",
      calls: 1,
    },
  ];
  it.each(final)("fails for good after $name", async ({ fault, failure, calls }) => {
    await using test = await servedHost(() => ({ fault }), OPTIONS);
    const error: unknown = await ask(await modelOf(test)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ModelError);
    expect([(error as ModelError).failure, test.service.requests.length]).toEqual([failure, calls]);
  });

  it("ends with the reason of its signal, also while it waits to try again", async () => {
    for (const fault of [
      { kind: "silence", afterEvents: 4 },
      { kind: "rate-limit", retryAfterSeconds: 60 },
    ] as const) {
      await using test = await servedHost(() => ({ text: "x", fault }));
      const model = await modelOf(test);
      const stop = new AbortController();
      const asked = ask(model, { signal: stop.signal });
      await expect.poll(() => test.service.requests.length).toBe(1);
      const reason = new Error("enough");
      stop.abort(reason);
      await expect(asked).rejects.toBe(reason);
    }
  });

  it("marks the tools, the system prompt and the last two prompts for the cache", async () => {
    await using test = await servedHost(() => ({ text: "ok" }));
    const tool = { name: "Read", description: "", inputSchema: { type: "object" } };
    const answer: Message = { role: "assistant", content: [{ type: "text", text: "a" }] };
    const image = { type: "image", source: { type: "base64", media_type: "image/png", data: "aGk=" } } as const;
    await ask(await modelOf(test), {
      system: ["one", "two"],
      tools: [{ ...tool, name: "Edit" }, tool],
      messages: [HELLO, answer, HELLO, answer, { role: "user", content: [image, { type: "text", text: "see" }] }],
      effort: "high",
    });
    const body = test.service.requests[0]!.body;
    const marked = (items: readonly { readonly cache_control?: unknown }[] = []) =>
      items.map((item) => item.cache_control !== undefined);
    const system = Array.isArray(body.system) ? body.system : [];
    expect([marked(body.tools), marked(system)]).toEqual([
      [false, true],
      [false, true],
    ]);
    expect(body.messages.map(({ content }) => (Array.isArray(content) ? marked(content) : []))).toEqual([
      [false],
      [false],
      [true],
      [false],
      [false, true],
    ]);
    expect([body.output_config, body.max_tokens]).toEqual([{ effort: "high" }, 32_000]);
  });

  it("says how to set a key when there is none", async () => {
    await using test = await sessionHost();
    const { result } = await test.turn(await test.open(), "hi");
    expect(result).toMatchObject({ reason: "failed" });
    expect(result.message).toContain("set the environment variable `ANTHROPIC_API_KEY`");
  });

  const credentials = [
    { name: "a key", environment: { ANTHROPIC_API_KEY: KEY } },
    { name: "a token", environment: { ANTHROPIC_AUTH_TOKEN: KEY } },
    { name: "a key before a token", environment: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_AUTH_TOKEN: "t" } },
  ];
  it.each(credentials)("signs in with $name from the person's environment", async ({ environment }) => {
    await using service = await messagesServer({ reply: () => ({ text: "ok" }), credential: KEY });
    await using test = await sessionHost({ environment: { ...environment, ANTHROPIC_BASE_URL: service.url } });
    expect((await test.turn(await test.open(), "hi")).result.text).toBe("ok");
  });

  const choices = [
    { name: "nothing", options: {}, model: "claude-sonnet-5-5" },
    { name: "the session", options: { model: "opus" }, settings: { model: "haiku" }, model: "claude-opus-5-5" },
    { name: "the settings", options: {}, settings: { model: "haiku" }, model: "claude-haiku-5-5" },
    { name: "an id", options: { model: "claude-opus-4-6" }, model: "claude-opus-4-6" },
    { name: "the provider", options: { model: "anthropic:in-house" }, model: "in-house" },
    {
      name: "the environment",
      options: {},
      environment: { ANTHROPIC_MODEL: "opus", ANTHROPIC_DEFAULT_OPUS_MODEL: "claude-opus-4-8" },
      model: "claude-opus-4-8",
    },
  ];
  it.each(choices)("is the model that $name names: $model", async ({ options, settings, environment = {}, model }) => {
    await using service = await messagesServer({ reply: () => ({ text: "ok" }) });
    await using test = await sessionHost({
      environment: { ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: service.url, ...environment },
      settings,
    });
    const { result } = await test.turn(await test.open({ options }), "hi");
    expect([result.reason, service.requests[0]?.body.model]).toEqual(["done", model]);
  });

  it("is not asked for a model that nobody knows", async () => {
    await using test = await servedHost(() => ({ text: "ok" }));
    const { result } = await test.turn(await test.open({ options: { model: "gpt" } }), "hi");
    expect(result.message).toContain("no provider knows the model `gpt`; short names are fable, haiku, opus, sonnet");
  });

  const windows = [
    ["claude-opus-5-5", 1_000_000],
    ["claude-sonnet-5", 1_000_000],
    ["claude-haiku-5-5", 1_000_000],
    ["claude-haiku-4-5-20251001", 200_000],
    ["claude-opus-4-20250514", 200_000],
    ["claude-sonnet-4-6", 200_000],
    ["something else", 200_000],
  ] as const;
  it.each(windows)("knows the context window of %s", async (model, tokens) => {
    await using test = await sessionHost();
    expect((await modelOf(test)).contextWindow(model)).toBe(tokens);
  });
});
