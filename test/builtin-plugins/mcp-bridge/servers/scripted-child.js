/**
 * An MCP server without a library that behaves as its first argument says: `plain`, or in one of many wrong ways. No TypeScript: tests
 * start it a hundred times, and each start would take the types off anew.
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createInterface } from "node:readline";

const [mode = "plain", file = ""] = process.argv.slice(2);
let grown = false;
/** What the client says it can do with questions. */
let capability;
const questions = new Map();

const anything = { type: "object" };
const tool = (name, more = {}) => ({
  name,
  description: `does ${name}`,
  inputSchema: anything,
  ...more,
});

function tools() {
  switch (mode) {
    case "duplicates":
      return [tool("same", { description: "first" }), tool("same", { description: "second" }), tool("other")];
    case "odd":
      return [tool("a b"), tool("a.b"), tool("ü/☃"), tool("__proto__"), tool("x".repeat(300)), { name: 7 }];
    case "bombs":
      return [
        tool("echo", { inputSchema: exponential() }),
        tool("remote", { inputSchema: { $ref: "https://example.test/x" } }),
        tool("deep", { inputSchema: deep() }),
        tool("pattern", {
          inputSchema: { type: "object", properties: { text: { type: "string", pattern: "^(a+)+$" } } },
        }),
      ];
    case "hidden":
      return [
        tool("echo", {
          description: `say\u{e0041}\u{200b} hello${"x".repeat(5000)}`,
          annotations: { readOnlyHint: true },
        }),
      ];
    case "says":
      return [tool("echo", JSON.parse(readFileSync(file, "utf8"))), tool("slow")];
    default:
      return [tool("echo", { annotations: { readOnlyHint: true } }), tool("slow"), ...(grown ? [tool("grown")] : [])];
  }
}

function exponential() {
  const definitions = { a0: { type: "object" } };
  for (let level = 1; level < 40; level += 1) {
    const before = { $ref: `#/definitions/a${String(level - 1)}` };
    definitions[`a${String(level)}`] = { allOf: [before, before] };
  }
  return { type: "object", definitions, allOf: [{ $ref: "#/definitions/a39" }] };
}

function deep() {
  let schema = { type: "string" };
  for (let level = 0; level < 500; level += 1) schema = { type: "object", properties: { in: schema } };
  return schema;
}

function send(message) {
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
}

async function answer(message) {
  const { id, method, params = {} } = message;
  if (file !== "" && method !== undefined && mode !== "gate" && mode !== "says") appendFileSync(file, `${method}\n`);
  if (mode === "garbage") process.stdout.write('Starting up…\n{"not": "a message"}\n\u0007Error: at x.js:1\n[1,2\n');
  switch (method) {
    case "initialize":
      capability = params.capabilities?.elicitation;
      if (mode === "silent") return;
      if (mode === "gate") while (!existsSync(file)) await pause(20);
      send({
        id,
        result: {
          protocolVersion: mode === "version" ? "1999-01-01" : "2025-06-18",
          capabilities: { tools: { listChanged: true } },
          serverInfo: { name: "scripted", version: "1" },
          instructions: "Use echo with care.",
        },
      });
      if (mode === "twice") send({ id, result: {} });
      return;
    case "notifications/initialized":
      if (mode === "flood")
        for (let count = 0; count < 50_000; count += 1) send({ method: "notifications/tools/list_changed" });
      if (mode === "asks") send({ id: "q", method: "sampling/createMessage", params: { messages: [], maxTokens: 1 } });
      return;
    case "tools/list":
      send({ id, result: { tools: tools() } });
      return;
    case "tools/call":
      await call(id, params);
      return;
    case undefined:
      questions.get(message.id)?.(message);
      if (file !== "") appendFileSync(file, `${JSON.stringify({ id, params })}\n`);
      return;
    default:
      if (id !== undefined) send({ id, error: { code: -32601, message: "no such method" } });
  }
}

async function call(id, params) {
  if (mode === "exit-in-call") process.exit(9);
  if (mode === "huge") {
    const part = "x".repeat(1024 * 1024);
    for (let count = 0; count < 50; count += 1) process.stdout.write(part);
    process.stdout.write("\n");
    return;
  }
  if (params.name === "slow") return;
  if (mode === "grows" || mode === "says") {
    grown = true;
    send({ method: "notifications/tools/list_changed" });
  }
  if (mode === "forms") {
    const asked = params.arguments;
    const { promise, resolve } = Promise.withResolvers();
    questions.set("form", resolve);
    send({ id: "form", method: "elicitation/create", params: asked });
    const { result, error } = await promise;
    const text = JSON.stringify({ capability, result, error: error?.code });
    send({ id, result: { content: [{ type: "text", text }] } });
    const { elicitationId } = asked;
    if (elicitationId !== undefined) send({ method: "notifications/elicitation/complete", params: { elicitationId } });
    return;
  }
  if (mode === "wrong-id") send({ id: 9999, result: { content: [] } });
  const content =
    mode === "long"
      ? [{ type: "text", text: "word ".repeat(100_000) }]
      : [{ type: "text", text: JSON.stringify(params.arguments) }];
  send({ id, result: { content, ...(mode === "fails" && { isError: true }) } });
}

if (mode === "exit") {
  process.stderr.write("cannot find my configuration\n");
  process.exit(3);
}
process.on("SIGTERM", () => process.exit(0));
for await (const line of createInterface({ input: process.stdin })) {
  // The client of a test sends messages only.
  void answer(JSON.parse(line));
}
