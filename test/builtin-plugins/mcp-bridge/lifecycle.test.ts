import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mcpHost, scriptedServer, serverPlugin, type McpHostOptions } from "../../support/mcp-host.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const tool = (name: string): string => `mcp__plugin_p_s__${name}`;
const heard = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

async function until(test: () => boolean): Promise<void> {
  while (!test()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe.concurrent("a server's life", () => {
  it("RS07: starts nothing when its lists are known, and the program at the first call", async () => {
    using home = temporaryHome();
    const options: McpHostOptions = {
      plugins: [
        serverPlugin(
          "p",
          { s: scriptedServer("plain") },
          {
            info: {
              id: "p@test",
              name: "p",
              version: "1",
              tier: "session",
              directory: home.directory,
              dataDirectory: home.path("data"),
            },
          },
        ),
      ],
      bridgeData: home.path("bridge"),
    };
    {
      await using host = await mcpHost(options);
      await host.begin();
      expect(host.processes.started).toHaveLength(1);
    }
    await using host = await mcpHost(options);
    await host.begin();
    expect(await host.names()).toEqual([tool("echo"), tool("slow")]);
    expect((await host.context()).join()).toContain("Use echo with care.");
    expect(host.processes.started).toHaveLength(0);
    expect(await host.text(tool("echo"), { x: 1 })).toBe('{"x":1}');
    await host.text(tool("echo"), {});
    expect(host.processes.started).toHaveLength(1);
  });

  it("refreshes its tools when the server says that they changed, and tells the model", async () => {
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: scriptedServer("grows") })] });
    await host.begin();
    await host.context();
    await host.call(tool("echo"), {});
    await host.awaitTool(tool("grown"));
    expect(await host.context()).toEqual([`MCP tools that are available from now on: ${tool("grown")}`]);
    expect(await host.context()).toEqual([]);
  });

  it("RS07: is announced late when it is slow, and nobody waits for it", async () => {
    await using host = await mcpHost({
      plugins: (home) => [serverPlugin("p", { s: scriptedServer("gate", home.path("open")) })],
    });
    await host.start();
    expect(await host.context()).toEqual([]);
    writeFileSync(host.test.home.path("open"), "");
    await host.awaitTool(tool("echo"));
    expect((await host.context()).join("\n")).toContain(`available from now on: ${tool("echo")}, ${tool("slow")}`);
  });

  it("is told when a call is aborted", async () => {
    await using host = await mcpHost({
      plugins: (home) => [serverPlugin("p", { s: scriptedServer("plain", home.path("heard")) })],
    });
    await host.begin();
    const file = host.test.home.path("heard");
    const abort = new AbortController();
    const call = host.call(tool("slow"), {}, abort.signal);
    await until(() => heard(file).includes("tools/call"));
    abort.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await until(() => heard(file).includes("notifications/cancelled"));
    expect(await host.text(tool("echo"), {})).toBe("{}");
  });

  it("has a deadline for calls of its own", async () => {
    const server = { ...scriptedServer("plain"), timeoutMs: 100 };
    await using host = await mcpHost({ plugins: [serverPlugin("p", { s: server })] });
    await host.begin();
    expect(await host.text(tool("slow"), {})).toBe("MCP server `plugin:p:s`: it did not answer within 0.1 s");
  });

  it("HK11: gets the allow list, its own variables and its folders as environment, and nothing else", async () => {
    const env = { MINE: "${GREETING:-hello} ${user_config.city}" };
    const plugin = serverPlugin("p", {
      s: { config: { transport: "stdio", command: process.execPath, args: [], env } },
    });
    await using host = await mcpHost({
      plugins: [{ ...plugin, options: { city: "Bonn" } }],
      environment: { API_TOKEN: canary(), MCP_TIMEOUT: "200" },
    });
    await host.begin();
    const [request] = host.processes.started;
    expect(Object.keys(request?.environment ?? {}).sort()).toEqual([
      "CLAUDE_PLUGIN_DATA",
      "CLAUDE_PLUGIN_ROOT",
      "CLAUDE_PROJECT_DIR",
      "HOME",
      "MINE",
      "PATH",
      "PLUGIN_DATA",
      "PLUGIN_ROOT",
      "PROJECT_DIR",
    ]);
    expect(request?.environment["MINE"]).toBe("hello Bonn");
    expect(request?.directory).toBe(host.project);
    expect(JSON.stringify(request)).not.toContain(canary());
  });

  it("gets secrets of its plugin from the keychain, at its start and not before", async () => {
    const plugin = serverPlugin("p", {
      s: { config: { transport: "stdio", command: process.execPath, args: [], env: { KEY: "${user_config.key}" } } },
    });
    const option = {
      type: "string",
      title: "Key",
      description: "",
      required: true,
      sensitive: true,
      multiple: false,
    } as const;
    const secret = { ...plugin, manifest: { ...plugin.manifest, userConfig: { key: option } } };
    const environment = { MCP_TIMEOUT: "200" };
    await using without = await mcpHost({ plugins: [secret], environment });
    await without.begin();
    expect(without.processes.started).toEqual([]);
    expect(without.test.warnings.join()).toContain("no value for `${user_config.key}`");
    expect(without.test.warnings.join()).toContain("`plugin config set p@test key`");
    await using host = await mcpHost({
      plugins: [secret],
      environment,
      secrets: new Map([["p@test key", canary("key")]]),
    });
    await host.begin();
    expect(host.processes.started[0]).toMatchObject({ environment: { KEY: canary("key") }, secrets: [canary("key")] });
    expect(host.test.warnings.join()).not.toContain(canary("key"));
  });

  it("is skipped with the names of variables that have no value, while the others work", async () => {
    const broken = { config: { transport: "http", url: "https://${HOST_NAME}/${PATH_NAME}", headers: {} } } as const;
    await using host = await mcpHost({ plugins: [serverPlugin("p", { b: broken, s: scriptedServer("plain") })] });
    await host.begin();
    expect(host.test.warnings.join()).toContain("no value for `${HOST_NAME}`, `${PATH_NAME}`");
    expect(await host.text(tool("echo"), {})).toBe("{}");
  });

  it("PR13: runs once when two plugins bring the same, which is reported", async () => {
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { s: scriptedServer("plain") }), serverPlugin("q", { t: scriptedServer("plain") })],
    });
    await host.begin();
    expect(await host.names()).toEqual([tool("echo"), tool("slow")]);
    expect(await host.expand("/mcp")).toMatchObject({
      answer: expect.stringContaining("plugin:q:t: not connected, it is the same as MCP server `plugin:p:s`"),
    });
  });

  it("goes with its plugin, and keeps its connection when only another one goes", async () => {
    const staying = serverPlugin("p", { s: scriptedServer("plain") });
    const going = serverPlugin("q", { s: scriptedServer("plain", "", "other") });
    await using host = await mcpHost({ plugins: [staying, going] });
    await host.begin();
    expect(host.processes.running).toBe(2);
    const names = new Set(["p@test", "owner@test", "mcp-bridge@builtin"]);
    const present = host.plugins.filter(({ info }) => names.has(info.id));
    await host.test.host.reload(present);
    await until(() => host.processes.running === 1);
    expect(await host.names()).toEqual([tool("echo"), tool("slow")]);
    await host.call(tool("echo"), {});
    expect(host.processes.started).toHaveLength(2);
  });

  it("ends with the host, and leaves nothing", async () => {
    const host = await mcpHost({ plugins: [serverPlugin("p", { s: scriptedServer("plain") })] });
    await host.begin();
    expect(host.processes.running).toBe(1);
    await host[Symbol.asyncDispose]();
    expect(host.processes.running).toBe(0);
    expect(host.test.host.registered).toEqual({ contributions: 0, listeners: 0, services: 0 });
  });

  it("counts as reading only where the person trusts the server", async () => {
    const plugins = [serverPlugin("p", { s: scriptedServer("plain") })];
    const trust = { trustedMcpServers: ["plugin:p:s"] };
    await using trusted = await mcpHost({ plugins, settings: { user: trust } });
    await trusted.begin();
    expect((await trusted.tools()).map(({ descriptor }) => descriptor.readOnly)).toEqual([true, false]);
    await using own = await mcpHost({ plugins, settings: { project: trust, local: trust } });
    await own.begin();
    expect((await own.tools()).map(({ descriptor }) => descriptor.readOnly)).toEqual([false, false]);
  });
});
