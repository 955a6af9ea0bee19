import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { text as textOf } from "node:stream/consumers";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import {
  ElicitRequestSchema,
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  type CallToolResult,
} from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, inject, it } from "vitest";
import { plugin } from "../support/command.ts";
import { realTool, writeServedPlugins } from "../support/served-plugins.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";

/** What URIs of the real server's resources begin with. */
const SERVER = "mcp://every/thing/";

interface Place {
  readonly files: TemporaryHome;
  readonly words: readonly string[];
  readonly env: Record<string, string>;
  readonly cwd: string;
}

async function place(files: TemporaryHome): Promise<Place> {
  const flags = writeServedPlugins(files);
  const cwd = files.path("project");
  mkdirSync(cwd);
  const home = files.path("home");
  for (const words of [
    ["marketplace", "add", files.path("market")],
    ["add", "notes@market", "--yes"],
  ]) {
    expect(await plugin(words, { home, cwd })).toMatchObject({ exit: 0 });
  }
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, PLUGSMITH_HOME: home };
  return { files, cwd, env, words: [join(inject("bundle"), "plugin.js"), "serve", ...flags] };
}

async function call(client: Client, name: string, input: Record<string, unknown>): Promise<string> {
  const { content, isError } = (await client.callTool({ name, arguments: input })) as CallToolResult;
  const text = content.map((part) => (part.type === "text" ? part.text : part.type)).join("\n");
  return isError === true ? `error: ${text}` : text;
}

/** What runs with the home of this test. */
function processesOf(files: TemporaryHome): readonly string[] {
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/u.test(entry))
    .filter((entry) => {
      const file = `/proc/${entry}/environ`;
      try {
        return existsSync(file) && readFileSync(file, "utf8").includes(files.path("home"));
      } catch {
        // It ended meanwhile, or is another person's.
        return false;
      }
    });
}

function isOfServer({ name }: { readonly name: string }): boolean {
  return name.startsWith("mcp__");
}

async function usePromptsOfServer(client: Client): Promise<void> {
  const name = realTool("args-prompt");
  const listed = (await client.listPrompts()).prompts.find((prompt) => prompt.name === name);
  expect(listed?.arguments).toEqual([
    { name: "city", description: "Name of the city", required: true },
    { name: "state", required: false },
  ]);
  const { messages } = await client.getPrompt({ name, arguments: { city: "Bern" } });
  expect(messages).toEqual([{ role: "user", content: { type: "text", text: "What's weather in Bern?" } }]);
  await expect(client.getPrompt({ name })).rejects.toThrow("needs its argument `city`");
  const { completion } = await client.complete({
    ref: { type: "ref/prompt", name: realTool("completable-prompt") },
    argument: { name: "department", value: "E" },
  });
  expect(completion.values).toEqual(["Engineering"]);
}

async function useResourcesOfServer(client: Client): Promise<void> {
  const { resources } = await client.listResources();
  expect(resources.map(({ uri }) => uri)).toContain(`${SERVER}demo://resource/static/document/features.md`);
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
    "skill://{plugin}/{skill}/{+path}",
    `${SERVER}demo://resource/dynamic/text/{resourceId}`,
    `${SERVER}demo://resource/dynamic/blob/{resourceId}`,
  ]);
  const uri = `${SERVER}demo://resource/dynamic/text/1`;
  const { contents } = await client.readResource({ uri });
  expect(contents).toMatchObject([{ uri, text: expect.stringContaining("Resource 1") }]);
  const bytes = await client.readResource({ uri: `${SERVER}demo://resource/dynamic/blob/1` });
  expect(bytes.contents).toMatchObject([{ blob: expect.any(String) }]);
  await expect(client.readResource({ uri: `${SERVER}demo://none` })).rejects.toThrow("not found");
  const updated = new Promise<string>((resolve) =>
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => resolve(params.uri)),
  );
  await client.subscribeResource({ uri });
  await call(client, realTool("toggle-subscriber-updates"), {});
  expect(await updated).toBe(uri);
  await client.unsubscribeResource({ uri });
}

describe("plugin serve", () => {
  it("offers the plugins to the official client over stdio, guarded as in a session, and leaves nothing behind", async () => {
    using files = temporaryHome();
    const { words, env, cwd } = await place(files);
    const client = new Client({ name: "official", version: "1.0.0" });
    const transport = new StdioClientTransport({
      command: process.execPath,
      args: [
        ...words,
        "--allowed-tools",
        `Count,${realTool("echo")},${realTool("toggle-subscriber-updates")},ReadMcpResource(plugin:every:thing)`,
      ],
      env,
      cwd,
      stderr: "pipe",
    });
    await client.connect(transport);
    const { tools } = await client.listTools();
    const names = tools.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["Count", realTool("echo"), realTool("get-sum")]));
    // The host's own tools are not served.
    expect(names.filter((name) => name !== "Count" && !name.startsWith("mcp__plugin_every_"))).toEqual([]);
    expect(await call(client, realTool("echo"), { message: "hi" })).toBe("Echo: hi");
    expect(await call(client, "Count", { text: "four" })).toBe("4");
    expect(await call(client, "Count", {})).toContain("does not fit its schema");
    await expect(call(client, "Bash", { command: "true" })).rejects.toThrow("no plugin has a tool `Bash`");
    const denied = await call(client, realTool("get-sum"), { a: 1, b: 2 });
    expect(denied).toContain(`error: denied: no rule allows \`${realTool("get-sum")}\``);
    expect(denied).toContain(`plugin serve --allowed-tools ${realTool("get-sum")}`);
    const hooked = await call(client, realTool("echo"), { message: "forbidden" });
    expect(hooked).toContain("error: denied: ");
    expect(hooked).toContain("the guard refuses this text");
    expect(hooked).not.toContain("--allowed-tools");

    const { prompts } = await client.listPrompts();
    const own = prompts.filter((prompt) => !isOfServer(prompt));
    expect(own.map(({ name }) => name)).toEqual(["notes:draft", "notes:notes"]);
    expect(own[0]?.arguments).toMatchObject([{ name: "kind" }, { name: "topic" }]);
    const draft = await client.getPrompt({ name: "notes:draft", arguments: { kind: "short memo", topic: "tea" } });
    expect(draft.messages[0]?.content).toMatchObject({ type: "text", text: "A short memo about tea.\n" });
    const uris = (await client.listResources()).resources.map(({ uri }) => uri);
    expect(uris.filter((uri) => !uri.startsWith(SERVER))).toEqual(["command://notes/draft", "skill://notes/notes"]);
    const read = await client.readResource({ uri: "skill://notes/notes" });
    expect(read.contents[0]).toMatchObject({ mimeType: "text/markdown", text: expect.stringContaining("Do notes.") });
    await expect(client.readResource({ uri: "skill://notes/none" })).rejects.toThrow("no plugin has");
    await usePromptsOfServer(client);
    await useResourcesOfServer(client);

    const changed = new Promise<void>((resolve) =>
      client.setNotificationHandler(PromptListChangedNotificationSchema, () => resolve()),
    );
    expect(await plugin(["disable", "notes"], { home: files.path("home"), cwd })).toMatchObject({ exit: 0 });
    await changed;
    expect((await client.listPrompts()).prompts.filter((prompt) => !isOfServer(prompt))).toEqual([]);
    expect(processesOf(files)).not.toEqual([]);
    await client.close();
    expect(processesOf(files)).toEqual([]);
    const audit = readdirSync(files.path("home", "audit"))
      .map((name) => readFileSync(files.path("home", "audit", name), "utf8"))
      .join("");
    expect(audit).toContain(realTool("echo"));
    expect(audit).toMatch(/"outcome":"denied"/u);
  });

  it("serves on loopback to whoever has the token, and asks the person through the client", async () => {
    using files = temporaryHome();
    const { words, env, cwd } = await place(files);
    const server = spawn(process.execPath, [...words, "--http"], { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
    let told = "";
    server.stderr.setEncoding("utf8").on("data", (text: string) => (told += text));
    while (!told.includes("Bearer ")) await once(server.stderr, "data");
    const url = new URL(/http:\S+/u.exec(told)?.[0] ?? "");
    const authorization = /Bearer \S+/u.exec(told)?.[0] ?? "";
    const refused = [
      [401, {}],
      [401, { authorization: "Bearer wrong" }],
      [403, { authorization, origin: "https://example.com" }],
      [403, { authorization, host: "rebound.example.com" }],
      [404, { authorization, "mcp-session-id": "unknown" }],
    ] as const;
    for (const [status, headers] of refused) {
      expect([headers, (await send(url, headers)).statusCode]).toEqual([headers, status]);
    }

    const client = new Client({ name: "official", version: "1.0.0" }, { capabilities: { elicitation: {} } });
    const asked: string[] = [];
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
      asked.push(params.message);
      const allowed = asked.length === 1 || params.message.includes("long-running");
      return { action: "accept", content: { choice: allowed ? "allow" : "deny" } };
    });
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization } } }));
    expect(await call(client, realTool("echo"), { message: "asked" })).toBe("Echo: asked");
    expect(asked[0]).toContain(`no rule allows \`${realTool("echo")}\``);
    expect(await call(client, realTool("echo"), { message: "again" })).toContain("denied");
    const other = new Client({ name: "other", version: "1.0.0" });
    await other.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers: { authorization } } }));
    expect(await call(other, realTool("echo"), { message: "unasked" })).toContain("nobody can be asked");
    expect(asked).toHaveLength(2);
    const reading = other.readResource({ uri: `${SERVER}demo://resource/dynamic/text/1` });
    await expect(reading).rejects.toThrow("nobody can be asked");

    const connected: ConnectedClient[] = [];
    while (connected.length < 30) connected.push(await connectRaw(url, authorization));
    const tooMany = await initialize(url, authorization);
    expect([tooMany.statusCode, await textOf(tooMany)]).toEqual([
      503,
      expect.stringContaining("32 clients are connected"),
    ]);
    // Whoever has nothing open gives way.
    const [first] = connected;
    first?.stream.destroy();
    let next = await initialize(url, authorization);
    while (next.statusCode === 503) next = await initialize(url, authorization);
    expect(next.statusCode).toBe(200);
    expect((await send(url, { authorization, ...first?.headers })).statusCode).toBe(404);

    const long = call(client, realTool("trigger-long-running-operation"), { duration: 600, steps: 60 });
    const over = long.then(
      () => "answered",
      () => "ended",
    );
    while (asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    server.kill("SIGINT");
    expect(await once(server, "exit")).toEqual([130, null]);
    expect(processesOf(files)).toEqual([]);
    await Promise.allSettled([client.close(), other.close()]);
    expect(await over).toBe("ended");
  });

  it("answers a pipe to its end, and survives what is no message", async () => {
    using files = temporaryHome();
    const { words, env, cwd } = await place(files);
    const messages = [
      "garbage",
      { jsonrpc: "2.0", id: 1, method: "initialize", params: INITIALIZE },
      { jsonrpc: "2.0", method: "notifications/initialized" },
      { jsonrpc: "2.0", id: 2, method: "prompts/list" },
    ];
    const input = messages.map((each) => `${typeof each === "string" ? each : JSON.stringify(each)}\n`).join("");
    const run = (more: readonly string[], marker: Record<string, string> = {}) =>
      plugin([...words.slice(1), ...more], { home: files.path("home"), cwd, input, env: marker });
    const { exit, stdout, stderr } = await run([]);
    const ids = stdout
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { readonly id: number }).id);
    expect({ exit, ids }).toEqual({ exit: 0, ids: [1, 2] });
    expect(stderr).toContain("was not understood");
    expect(await run(["--port", "7333"])).toMatchObject({ exit: 2, stdout: "" });
    expect(await run(["--json"])).toMatchObject({ exit: 2, stdout: expect.stringContaining("speaks MCP") });
    expect(await run([], { PLUGSMITH_SESSION: "1" })).toMatchObject({ exit: 3, stdout: "" });

    const call = { name: realTool("trigger-long-running-operation"), arguments: { duration: 600, steps: 600 } };
    const allowing = [...words, "--allowed-tools", call.name];
    const server = spawn(process.execPath, allowing, { cwd, env, stdio: ["pipe", "pipe", "ignore"] });
    server.stdin.write(input);
    server.stdin.write(
      `${JSON.stringify({ jsonrpc: "2.0", id: 3, method: "tools/call", params: { ...call, _meta: { progressToken: 1 } } })}\n`,
    );
    let answered = "";
    server.stdout.setEncoding("utf8").on("data", (text: string) => (answered += text));
    while (!answered.includes("notifications/progress")) await once(server.stdout, "data");
    server.kill("SIGINT");
    expect(await once(server, "exit")).toEqual([130, null]);
    expect(processesOf(files)).toEqual([]);
  });
});

const ACCEPTED = { accept: "application/json, text/event-stream" };
const INITIALIZE = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "pipe", version: "1.0.0" } };

interface ConnectedClient {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the server's own messages; open while the client is there. */
  readonly stream: IncomingMessage;
}

async function connectRaw(url: URL, authorization: string): Promise<ConnectedClient> {
  const answer = await initialize(url, authorization);
  const headers = { ...ACCEPTED, "mcp-session-id": String(answer.headers["mcp-session-id"]) };
  return { headers, stream: await send(url, { authorization, ...headers }, null) };
}

function initialize(url: URL, authorization: string): Promise<IncomingMessage> {
  const message = { jsonrpc: "2.0", id: 1, method: "initialize", params: INITIALIZE };
  return send(url, { authorization, ...ACCEPTED }, JSON.stringify(message));
}

/** Without a body it asks for the stream. */
function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string | null = "{}",
): Promise<IncomingMessage> {
  const method = body === null ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers: { "content-type": "application/json", ...headers } }, resolve);
    asking.on("error", reject);
    asking.end(body ?? undefined);
  });
}
