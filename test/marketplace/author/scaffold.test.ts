import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { describe, expect, it } from "vitest";
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from "vscode-jsonrpc/node";
import { parse } from "yaml";
import { PARTS, type PartName } from "../../../marketplace/author/parts/index.ts";
import { writeNew } from "../../../marketplace/author/new-plugin.ts";
import { scaffold, type ScaffoldRequest } from "../../../marketplace/author/scaffold.ts";
import { activatePlugin } from "../../../plugin-api/testing.ts";
import { validateCatalog } from "../../../schemas/catalog-validate.ts";
import { memoryTree, validatePlugin } from "../../../schemas/formats/index.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

// Keys of a literal object.
const ALL = Object.keys(PARTS) as readonly PartName[];

function request(parts: readonly PartName[], marketplace = false): ScaffoldRequest {
  return { name: "fresh", parts, marketplace, author: { name: "Ada" }, year: 2026, plugsmith: "1.2.3" };
}

function written(home: TemporaryHome, parts: readonly PartName[]): string {
  writeNew(home.path("fresh"), scaffold(request(parts)));
  return home.path("fresh");
}

describe("a new plugin", () => {
  const choices = [[], ...ALL.map((part) => [part]), ALL];
  it.each(choices.map((parts) => ({ parts })))("has nothing to complain about with $parts", ({ parts }) => {
    const files = Object.fromEntries(scaffold(request(parts)));
    const { manifest, diagnostics } = validatePlugin(memoryTree(files));
    expect(diagnostics).toEqual([]);
    expect(new Set(manifest?.contributions.map(({ kind }) => kind)).size).toBe(
      parts.filter((part) => part !== "tools").length,
    );
    expect(parse(files["tests/fresh.yaml"] ?? "")).toMatchObject({ cases: expect.any(Array) });
    expect(parse(files[".github/workflows/plugin.yml"] ?? "")).toMatchObject({ jobs: { check: {} } });
  });

  it("lies in a marketplace that has nothing to complain about either", () => {
    const files = scaffold(request(["skills"], true));
    const catalog = files.get(".claude-plugin/marketplace.json") ?? "";
    expect(validateCatalog(Buffer.from(catalog), { file: "marketplace.json" })).toEqual([]);
    const inside = [...files].flatMap(([path, text]) =>
      path.startsWith("plugins/fresh/") ? [[path.slice("plugins/fresh/".length), text]] : [],
    );
    expect(validatePlugin(memoryTree(Object.fromEntries(inside))).diagnostics).toEqual([]);
  });

  it("has an MCP server that the official client can use", async () => {
    using home = temporaryHome();
    const args = [join(written(home, ["mcp"]), "servers/words.mjs")];
    const client = new Client({ name: "test", version: "1.0.0" });
    await client.connect(new StdioClientTransport({ command: process.execPath, args }));
    try {
      expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(["count_words"]);
      const call = (text: unknown) => client.callTool({ name: "count_words", arguments: { text } });
      expect(await call("one two three")).toEqual({ content: [{ type: "text", text: "3 words" }] });
      expect(await call(1)).toMatchObject({ isError: true });
      await expect(client.callTool({ name: "other" })).rejects.toThrow("there is no tool other");
    } finally {
      await client.close();
    }
  });

  it("has a language server that finds what it says it finds", async () => {
    using home = temporaryHome();
    const child = spawn(process.execPath, [join(written(home, ["lsp"]), "servers/repeated-words.mjs")]);
    const exit = new Promise((resolve) => child.on("exit", resolve));
    const connection = createMessageConnection(
      new StreamMessageReader(child.stdout),
      new StreamMessageWriter(child.stdin),
    );
    connection.listen();
    const published = new Promise((resolve) => {
      connection.onNotification("textDocument/publishDiagnostics", resolve);
    });
    expect(await connection.sendRequest("initialize", {})).toMatchObject({ capabilities: {} });
    const textDocument = {
      uri: "file:///a.txt",
      languageId: "plaintext",
      version: 1,
      text: "Na\u00EFve\nis the The end",
    };
    await connection.sendNotification("textDocument/didOpen", { textDocument });
    expect(await published).toMatchObject({
      uri: "file:///a.txt",
      diagnostics: [{ message: '"the" stands twice', range: { start: { line: 1, character: 3 } } }],
    });
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    expect(await exit).toBe(0);
    connection.dispose();
  });

  it.each([
    ["git push --force origin main", true],
    ["cd x && git -C . push -f", true],
    ["git push --force-with-lease", false],
    ["git push origin main", false],
    ["ls --force", false],
  ])("has a hook that judges `%s`", (command, denied) => {
    using home = temporaryHome();
    const input = JSON.stringify({ tool_name: "Bash", tool_input: { command } });
    const hook = join(written(home, ["hooks"]), "hooks/no-forced-push.mjs");
    const { status, stdout } = spawnSync(process.execPath, [hook], { input, encoding: "utf8" });
    expect([status, stdout.includes('"deny"')]).toEqual([0, denied]);
  });

  it("has a tool that does what its manifest announces", async () => {
    using home = temporaryHome();
    const entry = pathToFileURL(join(written(home, ["tools"]), "tools.mjs")).href;
    const code = scaffold(request(["tools"])).get("tools.mjs") ?? "";
    expect(code).toContain('from "plugsmith/plugin-api"');
    // The module is outside this checkout, where nothing resolves the name: it is handed in as a host does.
    const source = code.replace('"plugsmith/plugin-api"', JSON.stringify(import.meta.resolve("plugsmith/plugin-api")));
    home.write("fresh/tools.mjs", source);
    const { default: plugin } = await import(/* @vite-ignore */ entry);
    const active = await activatePlugin(plugin);
    expect(await active.callTool("Slug", { title: "\u00C9t\u00E9, again!" })).toMatchObject({
      content: [{ type: "text", text: "ete-again" }],
    });
  });
});
