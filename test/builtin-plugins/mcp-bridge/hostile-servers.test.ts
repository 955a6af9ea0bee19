import { describe, expect, it } from "vitest";
import { mcpHost, scriptedServer, serverPlugin, type McpHost } from "../../support/mcp-host.ts";

const tool = (name: string): string => `mcp__plugin_p_s__${name}`;

async function hostOf(mode: string, environment = {}): Promise<McpHost> {
  const host = await mcpHost({ plugins: [serverPlugin("p", { s: scriptedServer(mode) })], environment });
  await host.begin();
  return host;
}

// Most of the time is the bridge's pauses between attempts, which are the same real ones when several servers pause at once.
describe.concurrent("servers that misbehave", () => {
  it("PR02: loses no message to lines on their output that are none", async () => {
    await using host = await hostOf("garbage");
    expect(await host.text(tool("echo"), { a: 1 })).toBe('{"a":1}');
    expect(host.test.warnings.join()).toContain("is no message and was skipped");
  });

  it("PR03: are stopped when one line is above the cap, and are started again by the next call", async () => {
    await using host = await hostOf("huge");
    const result = await host.call(tool("echo"), {});
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain("it sent a message of more than 16 MB and was stopped");
    expect(await host.text(tool("echo"), {})).toContain("16 MB");
    expect(host.processes.started).toHaveLength(2);
  });

  it("PR06: are given up when they never answer", async () => {
    await using host = await hostOf("silent", { MCP_TIMEOUT: "300" });
    while (host.notifications.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await host.names()).toEqual([]);
    const message =
      "MCP server `plugin:p:s` is off: it did not answer within 0.3 s; `/mcp reconnect plugin:p:s` tries again";
    // In one wording, and not before it is off.
    expect(host.notifications).toMatchObject([{ message }]);
    expect(host.test.warnings).toEqual([`mcp-bridge@builtin: ${message}`]);
    expect([host.processes.started.length, host.processes.running]).toEqual([5, 0]);
  });

  it("PR06: are refused when they speak an unknown version", async () => {
    await using host = await hostOf("version");
    expect(await host.names()).toEqual([]);
    expect(host.test.warnings.join()).toMatch(/protocol version/iu);
  });

  it("PR01: are tried five times with pauses when they exit at once, then off with the reason", async () => {
    await using host = await hostOf("exit");
    while (host.notifications.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(host.processes.started).toHaveLength(5);
    expect(host.notifications).toMatchObject([{ kind: "mcp-server-off" }]);
    expect(await host.expand("/mcp")).toMatchObject({
      answer: expect.stringMatching(/failed, it ended with code 3 \(its last words: "cannot find my configuration"\)/u),
    });
    expect(await host.expand("/mcp reconnect plugin:p:s")).toMatchObject({ answer: expect.stringContaining("code 3") });
    expect(host.processes.started).toHaveLength(6);
  });

  it("PR01: fail the call during which they exit, are started again, and are off after the fifth time", async () => {
    await using host = await hostOf("exit-in-call");
    for (let round = 0; round < 5; round += 1) {
      expect(await host.text(tool("echo"), {})).toBe("MCP server `plugin:p:s`: it ended with code 9");
    }
    expect(await host.text(tool("echo"), {})).toContain("it failed 5 times in a row");
    expect(host.notifications).toMatchObject([{ kind: "mcp-server-off", message: expect.stringContaining("code 9") }]);
    expect(host.processes.started).toHaveLength(5);
  });

  it("are stopped when they flood the host with notifications", async () => {
    await using host = await hostOf("flood");
    while (host.processes.running > 0) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.test.warnings.join()).toContain("more than 10000 messages within 10 s and was stopped");
  });

  it("get each name once and a safe one for odd ones", async () => {
    await using twice = await hostOf("duplicates");
    expect(await twice.names()).toEqual([tool("same"), tool("other")]);
    expect((await twice.tools())[0]?.descriptor.description).toBe("first");
    await using odd = await hostOf("odd");
    const names = await odd.names();
    expect(names).toHaveLength(5);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,128}$/u);
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(await odd.text(name, { n: 1 })).toBe('{"n":1}');
  });

  it("PR04: cannot hang or crash the host by their schemas", async () => {
    await using host = await hostOf("bombs");
    for (const name of ["echo", "remote", "deep", "pattern"]) {
      expect(await host.text(tool(name), { text: `${"a".repeat(40)}!` })).toContain("aaa");
    }
    expect(host.test.warnings.filter((one) => one.includes("is used in part only"))).toHaveLength(4);
  });

  it("PR09: cannot hide text in descriptions, nor call themselves harmless", async () => {
    await using host = await hostOf("hidden");
    const [descriptor] = (await host.tools()).map((one) => one.descriptor);
    expect(descriptor?.description).toMatch(/^say hellox+…$/u);
    expect(descriptor?.description).toHaveLength(2_048);
    expect(descriptor).toMatchObject({ readOnly: false, concurrencySafe: false });
  });

  it("PR06: do not disturb by answers to nothing, or twice", async () => {
    await using wrong = await hostOf("wrong-id");
    expect(await wrong.text(tool("echo"), { a: 2 })).toBe('{"a":2}');
    await using twice = await hostOf("twice");
    expect(await twice.text(tool("echo"), { a: 3 })).toBe('{"a":3}');
  });

  it("are told that the host lends no model", async () => {
    await using home = await mcpHost({
      plugins: (one) => [serverPlugin("p", { s: scriptedServer("asks", one.path("heard")) })],
    });
    await home.begin();
    await home.call(tool("echo"), {});
    expect(home.test.warnings.join()).toContain("it asked for `sampling/createMessage`, which was refused");
  });

  it("get results that are too long into a file, with their beginning in the answer", async () => {
    await using host = await hostOf("long", { MAX_MCP_OUTPUT_TOKENS: "1000" });
    const text = await host.text(tool("echo"), {});
    expect(text.length).toBeLessThan(4_500);
    expect(text).toMatch(/500000 characters, too many; all of it is in \S+\.txt/u);
  });

  it("hand on their own failures as such", async () => {
    await using host = await hostOf("fails");
    expect(await host.call(tool("echo"), {})).toMatchObject({ isError: true });
  });

  it("do not hold each other up", async () => {
    const silent = Object.fromEntries(["a", "b", "c"].map((name) => [name, scriptedServer("silent")]));
    await using host = await mcpHost({
      plugins: [serverPlugin("p", { ...silent, s: scriptedServer("plain") })],
      environment: { MCP_TIMEOUT: "5000" },
    });
    await host.start();
    await host.awaitTool(tool("echo"));
    expect(await host.text(tool("echo"), { a: 1 })).toBe('{"a":1}');
  });
});
