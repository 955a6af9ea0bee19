import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { mcpHost, programServer, serverPlugin, webServer } from "../../support/mcp-host.ts";

const require = createRequire(import.meta.url);
const program = (name: string): string =>
  join(dirname(require.resolve(`@modelcontextprotocol/server-${name}/package.json`)), "dist/index.js");
const node = (name: string, args: readonly string[] = [], env = {}) =>
  programServer(process.execPath, [program(name), ...args], env);

describe("real servers", () => {
  it("lists and calls the tools of the filesystem server, which learns the project by its roots", async () => {
    await using host = await mcpHost({
      plugins: [serverPlugin("files", { fs: node("filesystem", ["${CLAUDE_PROJECT_DIR}"]) })],
    });
    writeFileSync(join(host.project, "a.txt"), "hello");
    await host.begin();
    expect(await host.names()).toContain("mcp__plugin_files_fs__read_text_file");
    const file = join(host.project, "a.txt");
    expect(await host.text("mcp__plugin_files_fs__read_text_file", { path: file })).toBe("hello");
    const outside = await host.call("mcp__plugin_files_fs__read_text_file", { path: "/etc/passwd" });
    expect(outside.isError).toBe(true);
  });

  it("keeps what the memory server knows where its variable says", async () => {
    await using host = await mcpHost({
      plugins: [
        serverPlugin("notes", {
          memory: node("memory", [], { MEMORY_FILE_PATH: "${CLAUDE_PLUGIN_DATA}/memory.jsonl" }),
        }),
      ],
    });
    await host.begin();
    await host.call("mcp__plugin_notes_memory__create_entities", {
      entities: [{ name: "Ada", entityType: "person", observations: ["writes programs"] }],
    });
    expect(await host.text("mcp__plugin_notes_memory__read_graph", {})).toContain("writes programs");
  });

  it("brings text, images, structured results, resources and prompts of the everything server over stdio", async () => {
    await using host = await mcpHost({ plugins: [serverPlugin("all", { every: node("everything") })] });
    await host.begin();
    const tool = (name: string): string => `mcp__plugin_all_every__${name}`;
    expect(await host.text(tool("echo"), { message: "hi" })).toContain("hi");
    expect(await host.text(tool("get-tiny-image"), {})).toContain("<image/png>");
    expect((await host.call(tool("get-structured-content"), { location: "Chicago" })).structured).toMatchObject({
      conditions: expect.any(String),
    });
    expect(await host.text(tool("get-resource-links"), { count: 2 })).toContain("[resource ");
    const list = JSON.parse(await host.text("ListMcpResources", {})) as readonly { readonly uri: string }[];
    const uri = list.find((one) => !one.uri.includes("{"))?.uri;
    expect(await host.text("ReadMcpResource", { server: "plugin:all:every", uri })).not.toBe("");
    const prompt = await host.expand("/mcp__plugin_all_every__args-prompt Berlin");
    expect(prompt).toMatchObject({
      kind: "mcp-prompt",
      content: [{ type: "text", text: expect.stringContaining("Berlin") }],
    });
    expect((await host.context()).join()).toContain("`plugin:all:every` says");
    expect((await host.context()).join()).toBe("");
  });

  it("speaks streamable HTTP and SSE to the everything server", async () => {
    for (const [kind, script, path] of [
      ["http", "streamableHttp", "mcp"],
      ["sse", "sse", "sse"],
    ] as const) {
      await using remote = await everythingServer(script);
      const url = `http://127.0.0.1:${String(remote.port)}/${path}`;
      await using host = await mcpHost({
        plugins: [serverPlugin("web", { every: webServer(url, { transport: kind }) })],
      });
      await host.begin();
      expect(await host.text("mcp__plugin_web_every__get-sum", { a: 2, b: 3 })).toContain("5");
    }
  });
});

async function everythingServer(script: string): Promise<AsyncDisposable & { readonly port: number }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const child = spawn(process.execPath, [program("everything"), script], {
    env: { ...process.env, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  await new Promise<void>((resolve, reject) => {
    const heard = (chunk: Buffer): void => {
      if (/listening|running/iu.test(chunk.toString())) resolve();
    };
    child.stdout.on("data", heard);
    child.stderr.on("data", heard);
    child.on("exit", () => reject(new Error("the server ended")));
  });
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    },
  };
}
