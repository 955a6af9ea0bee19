import { describe, expect, it } from "vitest";
import { HOOK_EVENTS, HOOK_TYPES } from "../../../schemas/hook-events.ts";
import { findingsOf, hookFile, namesOf, readOf } from "./plugin-fixture.ts";

const HANDLERS: Readonly<Record<string, object>> = {
  command: { type: "command", command: "run", args: ["a"], shell: "bash", async: true, asyncRewake: false },
  http: { type: "http", url: "https://x", headers: { a: "b" }, allowedEnvVars: ["A"] },
  mcp_tool: { type: "mcp_tool", server: "s", tool: "t", input: { a: 1 } },
  prompt: { type: "prompt", prompt: "p", model: "m", continueOnBlock: true },
  agent: { type: "agent", prompt: "p", model: "m" },
};
const withHooks = (hooks: unknown): ReturnType<typeof readOf> =>
  readOf({ name: "p" }, { "hooks/hooks.json": JSON.stringify({ hooks }) });

describe("hooks", () => {
  it.each(Object.keys(HOOK_EVENTS).flatMap((event) => Object.keys(HANDLERS).map((type) => [event, type] as const)))(
    "%s: %s",
    (event, type) => {
      const reading = withHooks({ [event]: [{ hooks: [HANDLERS[type]] }] });
      const runs = HOOK_TYPES[HOOK_EVENTS[event]!.types].has(type);
      expect(reading.manifest?.contributions).toMatchObject(
        runs ? [{ kind: "hook", event, handler: HANDLERS[type] }] : [],
      );
      expect(findingsOf(reading)).toStrictEqual(runs ? [] : ["W_HOOK_TYPE hooks/hooks.json:1"]);
    },
  );

  it("keep their order, matchers and common fields", () => {
    const { manifest } = withHooks({
      Stop: [{ hooks: [{ type: "command", command: "b", timeout: 5, statusMessage: "s", once: true, if: "Bash(x)" }] }],
      PreToolUse: [{ matcher: "Edit|Write", hooks: [{ type: "command", command: "a" }] }],
    });
    expect(manifest?.contributions).toMatchObject([
      { event: "Stop", timeoutSeconds: 5, statusMessage: "s", once: true, if: "Bash(x)" },
      { event: "PreToolUse", matcher: "Edit|Write", where: { file: "hooks/hooks.json", line: 1 } },
    ]);
  });

  it.each([
    ["an unknown event", "warning", { preToolUse: [] }, "did you mean `PreToolUse`"],
    ["groups that are no list", "warning", { Stop: {} }, undefined],
    ["a group without hooks", "warning", { Stop: [{}] }, undefined],
    ["a matcher that is no text", "warning", { Stop: [{ matcher: 1, hooks: [] }] }, undefined],
    ["an unknown type", "warning", { Stop: [{ hooks: [{ type: "shell", command: "x" }] }] }, undefined],
    ["no command", "warning", { Stop: [{ hooks: [{ type: "command" }] }] }, undefined],
    ["no address", "warning", { Stop: [{ hooks: [{ type: "http", url: "$URL" }] }] }, undefined],
    ["groups of a guard that are no list", "error", { PreToolUse: {} }, undefined],
    ["a handler of a guard that is none", "error", { PermissionRequest: [{ hooks: [{ type: "x" }] }] }, undefined],
    ["a second wrapper around guards", "error", { hooks: { PreToolUse: [] } }, "write the events themselves"],
    [
      "an option in shell text",
      "error",
      { Stop: [{ hooks: [{ type: "command", command: "x ${user_config.token}" }] }] },
      undefined,
    ],
  ])("with %s are dropped alone, with an %s", (_, severity, broken, hint) => {
    const reading = withHooks({ ...broken, SessionEnd: [{ hooks: [{ type: "command", command: "kept" }] }] });
    expect(namesOf(reading.manifest)).toStrictEqual(["hook SessionEnd kept"]);
    expect(reading.diagnostics).toMatchObject([
      { code: "E_SCHEMA", severity, dropped: "hook", file: "hooks/hooks.json" },
    ]);
    expect(reading.diagnostics[0]?.hint).toContain(hint ?? "");
  });

  it("in exec form may hold an option", () => {
    const handler = { type: "command", command: "x", args: ["${user_config.token}"] };
    expect(withHooks({ Stop: [{ hooks: [handler] }] }).diagnostics).toStrictEqual([]);
  });

  it.each([
    ["a list", "[]"],
    ["text", '"x"'],
  ])("in a file that is %s are refused", (_, text) => {
    expect(readOf({ name: "p" }, { "hooks/hooks.json": text }).diagnostics).toMatchObject([
      { code: "E_SCHEMA", dropped: "hook" },
    ]);
  });

  it("without the wrapper are read with a warning", () => {
    const reading = readOf(
      { name: "p" },
      { "hooks/hooks.json": JSON.stringify({ Stop: [{ hooks: [{ type: "command", command: "x" }] }] }) },
    );
    expect(namesOf(reading.manifest)).toStrictEqual(["hook Stop x"]);
    expect(findingsOf(reading)).toStrictEqual(["W_HOOKS_UNWRAPPED hooks/hooks.json:1"]);
  });

  it("may stand beside modules, which are listed", () => {
    const files = {
      "hooks/hooks.json": JSON.stringify({ hooks: {}, modules: ["./mod.js", "../up.js", "../../out.js"] }),
      "hooks/mod.js": "",
      "up.js": "",
    };
    const reading = readOf({ name: "p" }, files);
    expect(namesOf(reading.manifest)).toStrictEqual(["mod mod.js", "mod up.js"]);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(["I_MOD", "I_MOD", "E_NOT_FOUND"]);
  });
});

describe("MCP servers", () => {
  const servers = (map: unknown, wrapped = false): ReturnType<typeof readOf> =>
    readOf({ name: "p" }, { ".mcp.json": JSON.stringify(wrapped ? { mcpServers: map } : map) });

  it.each([true, false])("are read with the wrapper: %s", (wrapped) => {
    const map = {
      a: { command: "x", args: ["y"], env: { Z: "1" }, timeout: 5, alwaysLoad: true },
      b: { type: "http", url: "https://b", headers: { h: "v" }, headersHelper: "x", oauth: { clientId: "c" } },
      c: { type: "streamable-http", url: "https://c" },
      d: { type: "sse", url: "https://d" },
      e: { type: "ws", url: "wss://e" },
    };
    expect(servers(map, wrapped).manifest?.contributions).toMatchObject([
      {
        name: "a",
        config: { transport: "stdio", command: "x", args: ["y"], env: { Z: "1" } },
        timeoutMs: 5,
        alwaysLoad: true,
      },
      {
        name: "b",
        config: {
          transport: "http",
          url: "https://b",
          headers: { h: "v" },
          headersHelper: "x",
          oauth: { clientId: "c" },
        },
      },
      { name: "c", config: { transport: "http" } },
      { name: "d", config: { transport: "sse" } },
      { name: "e", config: { transport: "ws" } },
    ]);
  });

  it.each([
    ["no command", {}],
    ["a number as argument", { command: "x", args: [1] }],
    ["a number in the environment", { command: "x", env: { A: 1 } }],
    ["an unknown type", { type: "carrier-pigeon", url: "x" }],
    ["no address", { type: "http" }],
    ["an option in its helper", { type: "http", url: "https://x", headersHelper: "x ${user_config.k}" }],
    ["the wrong type", "npx x"],
    ["a fraction of a timeout", { command: "x", timeout: 1.5 }],
    ["plain http for its metadata", { type: "http", url: "https://x", oauth: { authServerMetadataUrl: "http://x" } }],
  ])("with %s are dropped alone", (_, broken) => {
    const reading = servers({ bad: broken, kept: { command: "x" } });
    expect(namesOf(reading.manifest)).toStrictEqual(["mcp kept"]);
    expect(reading.diagnostics).toMatchObject([{ code: "E_SCHEMA", dropped: "mcp", file: ".mcp.json" }]);
  });

  it("with an address and no type are taken as http, with a warning", () => {
    const reading = servers({ a: { url: "https://a" } });
    expect(reading.manifest?.contributions).toMatchObject([{ config: { transport: "http" } }]);
    expect(findingsOf(reading)).toStrictEqual(["W_MCP_TYPE .mcp.json:1"]);
  });

  it("may be bundles, by path or https address", () => {
    const reading = readOf(
      { name: "p", mcpServers: ["./b/one.mcpb", "https://x/two.dxt?v=1", "http://x/three.dxt", "https://x/four.zip"] },
      { "b/one.mcpb": "" },
    );
    expect(reading.manifest?.contributions).toMatchObject([
      { name: "one", config: { transport: "bundle", location: "b/one.mcpb" } },
      { name: "two", config: { transport: "bundle" } },
    ]);
    expect(reading.diagnostics.map(({ code }) => code)).toStrictEqual(["E_SOURCE_INVALID", "E_SOURCE_INVALID"]);
  });
});

describe("LSP servers", () => {
  const good = { command: "l", extensionToLanguage: { ".l": "l" } };
  it.each([
    ["an unknown key", { ...good, extra: 1 }],
    ["no extension", { command: "l", extensionToLanguage: {} }],
    ["an extension without dot", { command: "l", extensionToLanguage: { l: "l" } }],
    ["arguments in the command", { ...good, command: "l --stdio" }],
    ["a timeout of nothing", { ...good, startupTimeout: 0 }],
  ])("with %s take the whole file with them", (_, bad) => {
    const reading = readOf({ name: "p" }, { ".lsp.json": JSON.stringify({ bad, good }) });
    expect(namesOf(reading.manifest)).toStrictEqual([]);
    expect(reading.diagnostics).toMatchObject([
      { code: "E_SCHEMA", dropped: "lsp" },
      { code: "E_SCHEMA", dropped: "lsp" },
    ]);
  });

  it("keep their further options", () => {
    const { manifest } = readOf(
      { name: "p" },
      { ".lsp.json": JSON.stringify({ l: { ...good, command: "/opt/a b", settings: { x: 1 }, maxRestarts: 0 } }) },
    );
    expect(manifest?.contributions).toMatchObject([
      {
        kind: "lsp",
        name: "l",
        command: "/opt/a b",
        args: [],
        env: {},
        options: { settings: { x: 1 }, maxRestarts: 0 },
      },
    ]);
  });
});

describe("a file of MCP servers", () => {
  it.each([
    ["a list", []],
    ["a text", "./x.json"],
    ["nothing", null],
  ])("whose wrapper holds %s is reported", (_, mcpServers) => {
    const reading = readOf({ name: "p" }, { ".mcp.json": JSON.stringify({ mcpServers }) });
    expect(reading.diagnostics).toMatchObject([{ code: "E_SCHEMA", dropped: "mcp", file: ".mcp.json", column: 15 }]);
    expect(reading.manifest).toBeDefined();
  });
});

describe("a plugin does not load when its manifest holds", () => {
  const monitor = { name: "w", command: "w", description: "w" };
  const lsp = { command: "l", extensionToLanguage: { ".l": "l" } };
  it.each<[string, object]>([
    ["a language server with an unknown key", { lspServers: { l: { ...lsp, extra: 1 } } }],
    ["one in a list", { lspServers: [{ l: lsp }, { m: { ...lsp, args: "x" } }] }],
    ["a monitor with an unknown key", { monitors: [{ ...monitor, extra: 1 }] }],
    ["one under `experimental`", { experimental: { monitors: [{ ...monitor, extra: 1 }] } }],
  ])("%s", (_, keys) => {
    const reading = readOf({ name: "p", ...keys });
    expect(reading.manifest).toBeUndefined();
    expect(reading.diagnostics).toContainEqual(expect.objectContaining({ severity: "error", dropped: "plugin" }));
  });
});

describe("monitors", () => {
  it("are judged one by one", () => {
    const good = { name: "a", command: "c", description: "d", when: "on-skill-invoke:s" };
    const list = [
      good,
      { ...good },
      { ...good, name: "b", when: "sometimes" },
      { ...good, name: "c", extra: 1 },
      { ...good, name: "d", command: "${user_config.k}" },
    ];
    const reading = readOf({ name: "p" }, { "monitors/monitors.json": JSON.stringify(list) });
    expect(namesOf(reading.manifest)).toStrictEqual(["monitor a"]);
    expect(reading.diagnostics.map(({ dropped }) => dropped)).toStrictEqual([
      "monitor",
      "monitor",
      "monitor",
      "monitor",
    ]);
  });
});

it("a JSON file that is broken drops what it would have added and nothing else", () => {
  const reading = readOf(
    { name: "p" },
    { ".mcp.json": "{,}", ".lsp.json": "\u0000", "hooks/hooks.json": hookFile("Stop", "kept") },
  );
  expect(namesOf(reading.manifest)).toStrictEqual(["hook Stop kept"]);
  expect(reading.diagnostics).toMatchObject([
    { code: "E_JSON", dropped: "mcp", file: ".mcp.json", line: 1 },
    { code: "E_JSON", dropped: "lsp" },
  ]);
});
