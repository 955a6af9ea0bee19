import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { describe, expect, it } from "vitest";
import { mcpHost, scriptedServer, serverPlugin, webServer } from "../../support/mcp-host.ts";
import { webMcpServer } from "../../support/web-mcp-server.ts";
import { canary } from "../../support/canary.ts";

const tool = "mcp__plugin_p_s__whoami";

describe.concurrent("servers on the network", () => {
  it("get headers with variables in place", async () => {
    await using web = await webMcpServer();
    const server = webServer(web.url, { headers: { "X-Key": "${THE_KEY}", "X-City": "${CITY:-Bonn}" } });
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: server })], environment: { THE_KEY: "k1" } });
    await host.begin();
    expect(JSON.parse(await host.text(tool, {}))).toMatchObject({ "x-key": "k1", "x-city": "Bonn" });
  });

  it("get headers of a helper that runs without credentials, once more after a refusal", async () => {
    let refused = 0;
    await using web = await webMcpServer(undefined, (headers) => {
      if (headers["x-round"] !== "1" || refused > 0) return undefined;
      refused += 1;
      return 403;
    });
    const helper = [
      'n=$(cat "$CLAUDE_PLUGIN_ROOT/n" 2>/dev/null || echo 0); n=$((n+1)); echo $n > "$CLAUDE_PLUGIN_ROOT/n"',
      'printf \'{"X-Round": "%s", "X-Token": "%s", "X-Name": "%s", "X-Plain": "%s"}\' $n "$MY_TOKEN" "$MCP_SERVER_NAME" "$PLAIN"',
    ].join("; ");
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { s: webServer(web.url, { headersHelper: helper }) })],
      environment: { MY_TOKEN: canary(), PLAIN: "yes" },
    });
    await host.begin();
    expect(JSON.parse(await host.text(tool, {}))).toMatchObject({
      "x-round": "2",
      "x-token": "",
      "x-name": "s",
      "x-plain": "yes",
    });
    expect(host.processes.started).toHaveLength(1 + refused);
  });

  const helpers = [
    { name: "fails", helper: "exit 7", reason: "ended with code 7" },
    { name: "prints no JSON", helper: `echo ${canary()}`, reason: "printed no JSON" },
    { name: "prints no texts", helper: `echo '{"a": 1}'`, reason: "must print a JSON object of texts" },
  ];
  it.each(helpers)("say what is wrong with a helper that $name, without its output", async ({ helper, reason }) => {
    await using web = await webMcpServer();
    const server = webServer(web.url, { headersHelper: helper });
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: server })] });
    await host.begin();
    expect(host.test.warnings.join()).toContain(reason);
    expect(host.test.warnings.join()).not.toContain(canary());
    expect(web.heard).toEqual([]);
  });

  it("do not lead to a sign-in when their configured credentials are wrong", async () => {
    await using web = await webMcpServer({ authorization: "http://127.0.0.1:1", accepts: () => false });
    const server = webServer(web.url, { headers: { Authorization: "Bearer wrong" } });
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: server })], person: async () => undefined });
    await host.begin();
    expect(host.test.warnings.join()).toMatch(/MCP server `plugin:p:s` is off: .*(?:401|Error POSTing)/u);
  });

  it("are tried again when they were away", async () => {
    const first = await webMcpServer();
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: webServer(first.url) })] });
    await host.begin();
    await first[Symbol.asyncDispose]();
    expect(await host.text(tool, {})).toMatch(
      /it cannot be reached: (?:ECONNREFUSED|ECONNRESET|UND_ERR_SOCKET|other side closed)/u,
    );
    expect(await host.text(tool, {})).toContain("it cannot be reached: ECONNREFUSED");
  });

  it("are refused when their address is none, or holds a password", async () => {
    const urls = { a: "not a url", b: "ftp://127.0.0.1/x", c: "https://me:hidden@example.test/" };
    const servers = Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, webServer(url)]));
    await using host = await mcpHost({ plugins: [serverPlugin("p", { ...servers, s: scriptedServer("plain") })] });
    await host.begin();
    expect(await host.names()).toHaveLength(2);
    const told = host.test.warnings.join();
    for (const reason of ["is not a URL", "begins with `ftp:`", "holds a user name or password"])
      expect(told).toContain(reason);
    expect(told).not.toContain("hidden");
  });

  it("PR13: are one server when their addresses differ in case and port only", async () => {
    await using web = await webMcpServer();
    const same = web.url.replace("http:", "HTTP:").concat("/");
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { s: webServer(web.url) }), serverPlugin("q", { t: webServer(same) })],
    });
    await host.begin();
    expect(await host.names()).toEqual([tool]);
  });

  it("speak over WebSockets too, with headers", async () => {
    await using socket = await socketServer();
    const server = webServer(socket.url, { transport: "ws", headers: { "X-Key": "k2" } });
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: server })] });
    await host.begin();
    expect(await host.text(tool, {})).toBe("k2");
  });
});

/** A WebSocket server of short, unfragmented messages. */
async function socketServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer();
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request, socket) => {
    sockets.add(socket);
    const magic = `${request.headers["sec-websocket-key"] ?? ""}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(magic).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\nsec-websocket-protocol: mcp\r\n\r\n`,
    );
    let held: Buffer = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      for (let frame = takeFrame(held); frame !== undefined; frame = takeFrame(held)) {
        held = frame.rest;
        if (frame.text !== undefined)
          answer(frame.text, String(request.headers["x-key"]), (text) => socket.write(frameOf(text)));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${String(port)}/mcp`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(text: string, key: string, send: (text: string) => void): void {
  const { id, method } = JSON.parse(text) as { readonly id?: number; readonly method: string };
  if (id === undefined) return;
  const results: Readonly<Record<string, unknown>> = {
    initialize: {
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "ws", version: "1" },
    },
    "tools/list": { tools: [{ name: "whoami", inputSchema: { type: "object" } }] },
    "tools/call": { content: [{ type: "text", text: key }] },
  };
  send(JSON.stringify({ jsonrpc: "2.0", id, result: results[method] }));
}

/** One masked frame of a client; a control frame has no text. */
function takeFrame(bytes: Buffer): { readonly text: string | undefined; readonly rest: Buffer } | undefined {
  if (bytes.length < 2) return undefined;
  const [first = 0, second = 0] = bytes;
  const short = second & 0x7f;
  const start = short === 126 ? 4 : 2;
  if (bytes.length < start + 4) return undefined;
  const length = short === 126 ? bytes.readUInt16BE(2) : short;
  const end = start + 4 + length;
  if (bytes.length < end) return undefined;
  const mask = bytes.subarray(start, start + 4);
  const plain = bytes.subarray(start + 4, end).map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return { text: (first & 0x0f) === 1 ? Buffer.from(plain).toString() : undefined, rest: bytes.subarray(end) };
}

function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const head = payload.length < 126 ? [0x81, payload.length] : [0x81, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}
