import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { openProcesses } from "../../../core/platform/processes.ts";
import {
  contextTexts,
  filesTouched,
  secretService,
  toolPoint,
  workspaceService,
  type Workspace,
} from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { builtins, codePlugin, hostService, pluginIn, testHost } from "../../support/test-host.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const inModules = (path: string): string => join(ROOT, "node_modules", path);

/** Owns the point of tools and lets everything through. */
const gate = codePlugin(
  "gate",
  {
    points: { "plugsmith/tool": { guarded: { gate: "open", unanswered: "allow", input: "inputSchema" } } },
  },
  () => undefined,
);

interface LspHost extends AsyncDisposable {
  readonly session: MemorySession;
  readonly warnings: readonly string[];
  readonly started: () => number;
  /** What is told to the model, now and at its next step. */
  readonly news: () => Promise<string>;
  readonly edited: (file: string, text: string) => Promise<string>;
  readonly ask: (input: object) => Promise<string>;
}

/** A host with language servers as a plugin's `.lsp.json` names them. */
async function lspHost(home: TemporaryHome, servers: object, trusted = true): Promise<LspHost> {
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
  home.write("plugin/.lsp.json", JSON.stringify(servers));
  const workspace: Workspace = {
    directory: home.path("project"),
    projectDirectory: home.path("project"),
    homeDirectory: home.directory,
    plugsmithHome: home.path("plugsmith"),
    trusted,
    environment: { PATH: process.env["PATH"] ?? "", HOME: home.directory },
  };
  let started = 0;
  const processes = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit: { append: () => void (started += 1), heads: () => [] },
    failed: () => undefined,
  });
  const secrets = {
    get: async () => undefined,
    set: async () => undefined,
    delete: async () => false,
    option: async () => undefined,
  };
  const test = await testHost((own) => [...builtins(["lsp-bridge"], own), pluginIn(home.path("plugin"), own), gate], {
    services: [processes.service, hostService(workspaceService, workspace), hostService(secretService, secrets)],
  });
  const session = new MemorySession({ directory: home.path("project") });
  const { frontend } = test.host;
  const news = async (): Promise<string> => {
    const { texts } = await frontend.emit(contextTexts, { session, reason: "tool-results", texts: [] });
    return texts.join("\n");
  };
  return {
    session,
    warnings: test.warnings,
    started: () => started,
    edited: async (file, text) => {
      const path = home.write(join("project", file), text);
      await frontend.emit(filesTouched, { session, files: [path], change: "write" });
      return news();
    },
    news,
    ask: async (input) => {
      const tool = (await frontend.read(toolPoint)).all().find(({ name }) => name === "LSP");
      const invoked = await tool?.invoke(input, {
        callId: "1",
        context: { session, directory: home.path("project"), agentPath: [] },
      });
      const part = invoked?.kind === "done" ? invoked.output.content[0] : undefined;
      return part?.type === "text" ? part.text : "";
    },
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await processes.dispose();
    },
  };
}

const node = process.execPath;
const json = {
  json: {
    command: node,
    args: [inModules("vscode-langservers-extracted/bin/vscode-json-language-server"), "--stdio"],
    extensionToLanguage: { ".json": "json" },
  },
};
const typescript = {
  ts: {
    command: node,
    args: [inModules("typescript/bin/tsc"), "--lsp", "--stdio"],
    extensionToLanguage: { ".ts": "typescript" },
  },
};
const typescriptLanguageServer = {
  ts: {
    command: node,
    args: [inModules("typescript-language-server/lib/cli.mjs"), "--stdio"],
    initializationOptions: { tsserver: { path: inModules("legacy-typescript/lib/tsserver.js") } },
    extensionToLanguage: { ".ts": "typescript" },
  },
};

describe("real language servers", () => {
  const servers = [
    {
      name: "JSON, by pull",
      servers: json,
      file: "a.json",
      wrong: '{"a": 1,}',
      right: '{"a": 1}',
      says: /a\.json:1:\d+ .*[Tt]railing comma/u,
    },
    {
      name: "TypeScript 7 itself, by pull",
      servers: typescript,
      file: "a.ts",
      wrong: "const a: number = 'x';\n",
      right: "const a: number = 1;\n",
      says: /a\.ts:1:7 error: Type 'string'/u,
    },
    {
      name: "typescript-language-server, by push",
      servers: typescriptLanguageServer,
      file: "a.ts",
      wrong: "const a: number = 'x';\n",
      right: "const a: number = 1;\n",
      says: /a\.ts:1:7 error: Type 'string'/u,
    },
  ];
  it.each(servers)(
    "report what an edit broke, once, and that it is mended: $name",
    async ({ servers: config, file, wrong, right, says }) => {
      using home = temporaryHome();
      home.write("project/tsconfig.json", JSON.stringify({ compilerOptions: { strict: true } }));
      await using host = await lspHost(home, config);
      expect(host.started()).toBe(0);
      // A server that has just been started may think longer than an edit waits.
      const first = await host.edited(file, wrong);
      if (first === "") await expect.poll(host.news, { timeout: 60_000, interval: 200 }).toMatch(says);
      else expect(first).toMatch(says);
      expect(await host.edited(file, wrong)).toBe("");
      expect(await host.edited(file, right)).toMatch(/no diagnostics any more/u);
      expect(host.started()).toBe(1);
    },
    90_000,
  );

  it("answer where a symbol is defined, used and what it is", async () => {
    using home = temporaryHome();
    home.write("project/tsconfig.json", JSON.stringify({ compilerOptions: { strict: true }, files: ["a.ts", "b.ts"] }));
    home.write("project/a.ts", "export const answer = 42;\n");
    home.write("project/b.ts", 'import { answer } from "./a.ts";\nconsole.log(answer);\n');
    await using host = await lspHost(home, typescript);
    const at = { filePath: "b.ts", line: 2, character: 14 };
    expect(await host.ask({ operation: "goToDefinition", ...at })).toMatch(/a\.ts:1:14/u);
    expect((await host.ask({ operation: "findReferences", ...at })).split("\n").length).toBeGreaterThan(2);
    expect(await host.ask({ operation: "hover", ...at })).toContain("answer");
    expect(await host.ask({ operation: "documentSymbol", filePath: "a.ts" })).toMatch(/answer .*a\.ts:1:14/u);
    await expect(host.ask({ operation: "hover", filePath: "b.ts" })).rejects.toThrow("needs `line` and `character`");
    await expect(host.ask({ operation: "hover", filePath: "b.py", line: 1, character: 1 })).rejects.toThrow(
      "no enabled plugin has a language server for `.py` files",
    );
  });
});

describe("language servers that misbehave", () => {
  const script = (home: TemporaryHome, text: string, more: object = {}): object => {
    const file = home.write("server.mjs", text);
    return { bad: { command: node, args: [file], extensionToLanguage: { ".x": "x" }, ...more } };
  };
  const HANDSHAKE = `
    const send = (m) => { const b = JSON.stringify({ jsonrpc: "2.0", ...m }); process.stdout.write("Content-Length: " + Buffer.byteLength(b) + "\\r\\n\\r\\n" + b); };
    let buffer = "";
    process.stdin.on("data", (chunk) => {
      buffer += chunk;
      for (let m; (m = /^Content-Length: (\\d+)\\r\\n\\r\\n/.exec(buffer)) && buffer.length >= m[0].length + Number(m[1]);) {
        const message = JSON.parse(buffer.slice(m[0].length, m[0].length + Number(m[1])));
        buffer = buffer.slice(m[0].length + Number(m[1]));
        on(message);
      }
    });`;
  const answering = (then: string): string =>
    `${HANDSHAKE}\nfunction on(m) { if (m.method === "initialize") send({ id: m.id, result: { capabilities: {} } }); ${then} }`;

  const cases: readonly (readonly [name: string, text: string, says: RegExp, startupTimeout: number])[] = [
    ["prints what is no message", "console.log('hello'); setInterval(() => {}, 1000);", /printed `hello/u, 1500],
    ["never answers", "process.stdin.resume();", /off for this session after 2 failures/u, 300],
    ["ends at once", "process.exit(1);", /off for this session after 2 failures/u, 1500],
    [
      "announces a message of 4 GB",
      'process.stdout.write("Content-Length: 4000000000\\r\\n\\r\\n"); setInterval(() => {}, 1000);',
      /4000000000 bytes is larger/u,
      1500,
    ],
    [
      "dies at the first document",
      answering('if (m.method === "textDocument/didOpen") process.exit(7);'),
      /off for this session/u,
      1500,
    ],
  ];
  it.each(cases)(
    "are off after their restarts, and the session goes on: one that %s",
    async (_name, text, says, ms) => {
      using home = temporaryHome();
      await using host = await lspHost(home, script(home, text, { maxRestarts: 1, startupTimeout: ms }));
      for (let round = 0; round < 4; round += 1) expect(await host.edited("a.x", `text ${String(round)}`)).toBe("");
      expect(host.warnings.join("\n")).toMatch(says);
      expect(host.started()).toBe(2);
    },
  );

  it("may stay silent: the edit goes on, and what comes later is told later", async () => {
    const late = `setTimeout(() => send({ method: "textDocument/publishDiagnostics", params: { uri: m.params.textDocument.uri, diagnostics: [
      { range: { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } }, message: "late" }] } }), 100);`;
    using home = temporaryHome();
    await using host = await lspHost(
      home,
      script(home, answering(`if (m.method === "textDocument/didOpen") { ${late} }`)),
    );
    expect(await host.edited("a.x", "text")).toMatch(/a\.x:1:1 error: late/u);
  });

  it("share an extension: the first has it, the other is named", async () => {
    using home = temporaryHome();
    await using host = await lspHost(home, { ...json, second: { ...json.json } });
    await host.edited("a.json", "{}");
    expect(host.warnings.join()).toContain("`.json` files go to `p@inline`");
  });

  it("are not started in a project that nobody trusts, whose code they would load", async () => {
    using home = temporaryHome();
    await using host = await lspHost(home, json, false);
    expect(await host.edited("a.json", "{,}")).toBe("");
    const asked = host.ask({ operation: "documentSymbol", filePath: home.path("project/a.json") });
    await expect(asked).rejects.toThrow("nobody trusts");
    expect(host.started()).toBe(0);
  });
});
