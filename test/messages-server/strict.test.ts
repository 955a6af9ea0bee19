import { describe, expect, it } from "vitest";
import { messagesServer, type MessagesServer } from "../support/messages-server/index.ts";

const text = (value: string) => ({ type: "text", text: value });
const call = (id: string, name = "Read") => ({ type: "tool_use", id, name, input: {} });
const result = (id: string, content: unknown = "r") => ({ type: "tool_result", tool_use_id: id, content });
const user = (...content: readonly object[]) => ({ role: "user", content });
const assistant = (...content: readonly object[]) => ({ role: "assistant", content });
const tool = (name: string, schema: object | undefined = { type: "object" }) => ({ name, input_schema: schema });
const MARK = { cache_control: { type: "ephemeral" } };

const send = async (
  server: MessagesServer,
  body: object,
): Promise<{ readonly status: number; readonly text: string }> => {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: "POST",
    headers: { authorization: "Bearer k" },
    body: JSON.stringify({ model: "m", max_tokens: 10, stream: true, messages: [user(text("hi"))], ...body }),
  });
  return { status: response.status, text: await response.text() };
};

describe("the Messages server of the tests", () => {
  const wrong: readonly { readonly name: string; readonly body: object; readonly why: string }[] = [
    { name: "no messages", body: { messages: [] }, why: "at least one message" },
    { name: "no streaming", body: { stream: false }, why: "only streaming" },
    { name: "no limit of tokens", body: { max_tokens: 0 }, why: "max_tokens" },
    { name: "a blank system prompt", body: { system: [text(" ")] }, why: "system" },
    { name: "the model first", body: { messages: [assistant(text("x"))] }, why: "role must be `user`" },
    {
      name: "two prompts in a row",
      body: { messages: [user(text("x")), user(text("y"))] },
      why: "role must be `assistant`",
    },
    {
      name: "the model last",
      body: { messages: [user(text("x")), assistant(text("y"))] },
      why: "the last one must be of the user",
    },
    { name: "an empty message", body: { messages: [user()] }, why: "content must not be empty" },
    { name: "a blank text", body: { messages: [user(text("\n"))] }, why: "text blocks must hold text" },
    { name: "a call of the user", body: { messages: [user(call("1"))] }, why: "has no place" },
    { name: "an orphan result", body: { messages: [user(result("1"))] }, why: "answers no tool_use" },
    {
      name: "a missing result",
      body: { messages: [user(text("x")), assistant(call("1")), user(text("y"))] },
      why: "has no tool_result",
    },
    {
      name: "an empty result",
      body: { messages: [user(text("x")), assistant(call("1")), user(result("1", []))] },
      why: "must not be empty",
    },
    {
      name: "a result twice",
      body: { messages: [user(text("x")), assistant(call("1")), user(result("1"), result("1"))] },
      why: "once each",
    },
    {
      name: "results in another order",
      body: { messages: [user(text("x")), assistant(call("1"), call("2")), user(result("2"), result("1"))] },
      why: "in the order of the calls",
    },
    {
      name: "a text before a result",
      body: { messages: [user(text("x")), assistant(call("1")), user(text("y"), result("1"))] },
      why: "before other content",
    },
    {
      name: "an id twice",
      body: { messages: [user(text("x")), assistant(call("1"), call("1")), user(result("1"))] },
      why: "ids must be unique",
    },
    {
      name: "an unsigned thought",
      body: { messages: [user(text("x")), assistant({ type: "thinking", thinking: "x" }), user(text("y"))] },
      why: "signature",
    },
    { name: "a tool without a schema", body: { tools: [{ name: "Read" }] }, why: "input_schema" },
    { name: "a tool twice", body: { tools: [tool("Read"), tool("Read")] }, why: "must be unique" },
    { name: "a tool with a strange name", body: { tools: [tool("Read it")] }, why: "does not fit" },
    {
      name: "five marks",
      body: { system: Array.from({ length: 5 }, () => ({ ...text("x"), ...MARK })) },
      why: "at most 4 blocks",
    },
    { name: "too many tokens", body: { messages: [user(text("x".repeat(9_000)))] }, why: "prompt is too long" },
  ];
  it.each(wrong)("refuses $name", async ({ body, why }) => {
    await using server = await messagesServer({ reply: () => ({ text: "ok" }), contextWindowTokens: 2_000 });
    const answer = await send(server, body);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain(why);
    expect(server.requests).toMatchObject([{ status: 400 }]);
  });

  it("refuses a credential that it does not know", async () => {
    await using server = await messagesServer({ reply: () => ({ text: "ok" }), credential: "other" });
    expect((await send(server, {})).status).toBe(401);
  });

  it("bills what was sent before as read from its cache, and nothing once an earlier byte differs", async () => {
    await using server = await messagesServer({ reply: () => ({ text: "ok" }) });
    const system = (value: string) => [{ ...text(value.repeat(400)), ...MARK }];
    const messages = [user(text("a".repeat(400))), assistant(text("b")), user({ ...text("c".repeat(400)), ...MARK })];
    await send(server, { system: system("s"), messages });
    await send(server, {
      system: system("s"),
      messages: [...messages, assistant(text("d")), user({ ...text("e"), ...MARK })],
    });
    await send(server, { system: system("t"), messages });
    const [first, second, third] = server.requests.map(({ tokens }) => tokens);
    expect(first).toMatchObject({ cacheRead: 0, input: 0 });
    expect(second?.cacheRead).toBe(first?.cacheWrite);
    expect(third).toMatchObject({ cacheRead: 0 });
  });
});
