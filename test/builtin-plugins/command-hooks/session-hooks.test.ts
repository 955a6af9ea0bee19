import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import {
  agentsService,
  agentStart,
  configurationGate,
  defineTool,
  directoryChanged,
  expansionGate,
  fileChanged,
  instructionsLoaded,
  modelsService,
  notification,
  promptGate,
  sessionEnd,
  sessionStart,
  stopGate,
  toolPoint,
  toolPermission,
  turnFailed,
} from "../../../plugin-api/index.ts";
import { MemorySettings } from "../../support/memory-settings.ts";
import { hookHost } from "../../support/hook-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { codePlugin } from "../../support/test-host.ts";
import { canary } from "../../support/canary.ts";

function withHooks(hooks: object, manifest: object = {}): TemporaryHome {
  const home = temporaryHome();
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0", ...manifest }));
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  return home;
}

const shell = (command: string, more: object = {}) => ({ type: "command", command, ...more });
const say = (value: object): string => `cat > /dev/null; echo '${JSON.stringify(value)}'`;
const told = (home: TemporaryHome): object => JSON.parse(readFileSync(home.path("told"), "utf8")) as object;

describe("hooks of sessions", () => {
  it("give context by plain output when a session starts, for the source that they ask for", async () => {
    using home = withHooks({
      SessionStart: [
        { matcher: "startup", hooks: [shell("cat > told; echo branch main")] },
        { matcher: "resume", hooks: [shell("echo never")] },
      ],
    });
    await using host = await hookHost(home);
    const { session } = host;
    const started = await host.host.frontend.emit(sessionStart, { session, source: "startup", texts: ["first"] });
    expect(started.texts).toEqual(["first", "branch main"]);
    expect(told(home)).toMatchObject({ hook_event_name: "SessionStart", source: "startup" });
  });

  it("block a prompt, or add to it", async () => {
    using home = withHooks({
      UserPromptSubmit: [
        { hooks: [shell('grep -q secret && { echo "no secrets" >&2; exit 2; }; echo today is Friday')] },
      ],
    });
    await using host = await hookHost(home);
    const { session } = host;
    const ask = (prompt: string) => host.host.frontend.emit(promptGate, { session, prompt });
    expect(await ask("my secret")).toMatchObject({ decision: "deny", reason: "no secrets" });
    expect(await ask("hello")).toMatchObject({ decision: "pass", context: ["today is Friday"] });
  });

  it("block the expansion of a command by its name", async () => {
    using home = withHooks({
      UserPromptExpansion: [{ matcher: "deploy", hooks: [shell(say({ decision: "block", reason: "frozen" }))] }],
    });
    await using host = await hookHost(home);
    const { session } = host;
    const expand = (name: string) =>
      host.host.frontend.emit(expansionGate, {
        session,
        text: `/${name}`,
        expansion: { content: [], name, kind: "command", args: "" },
      });
    expect(await expand("deploy")).toMatchObject({ decision: "deny", reason: "frozen" });
    expect(await expand("test")).toMatchObject({ decision: "pass" });
  });

  it("keep a turn going with a reason, and know when they do", async () => {
    using home = withHooks({ Stop: [{ hooks: [shell('cat > told; echo "tests fail" >&2; exit 2')] }] });
    await using host = await hookHost(home);
    const { session } = host;
    const stopped = await host.host.frontend.emit(stopGate, { session, lastText: "finished", active: true });
    expect(stopped).toMatchObject({ decision: "deny", reason: "tests fail" });
    expect(told(home)).toMatchObject({ stop_hook_active: true, last_assistant_message: "finished" });
  });

  it("let a hook that stops everything win over one that goes on", async () => {
    using home = withHooks({ Stop: [{ hooks: [shell("exit 2"), shell(say({ continue: false }))] }] });
    await using host = await hookHost(home);
    const { session } = host;
    expect(await host.host.frontend.emit(stopGate, { session, lastText: "", active: false })).toEqual({
      decision: "pass",
    });
  });

  const heard: readonly (readonly [
    event: string,
    emit: (host: Awaited<ReturnType<typeof hookHost>>) => Promise<unknown>,
    fields: object,
  ])[] = [
    [
      "SessionEnd",
      ({ host, session }) => host.frontend.emit(sessionEnd, { session, reason: "other" }),
      { reason: "other" },
    ],
    [
      "SubagentStart",
      ({ host, session }) => host.frontend.emit(agentStart, { session, agent: "reviewer", texts: [] }),
      { agent_type: "reviewer" },
    ],
    [
      "StopFailure",
      ({ host, session }) => host.frontend.emit(turnFailed, { session, failure: "overloaded", message: "later" }),
      { error: "overloaded" },
    ],
    [
      "Notification",
      ({ host, session }) => host.frontend.emit(notification, { session, kind: "idle_prompt", message: "hm" }),
      { message: "hm" },
    ],
    [
      "InstructionsLoaded",
      ({ host, session }) =>
        host.frontend.emit(instructionsLoaded, {
          session,
          file: "/a/AGENTS.md",
          kind: "project",
          reason: "include",
          parent: "/a/B.md",
        }),
      { load_reason: "include", parent_file_path: "/a/B.md" },
    ],
    [
      "CwdChanged",
      ({ host, session }) => host.frontend.emit(directoryChanged, { session, from: "/a", to: "/b" }),
      { old_cwd: "/a", new_cwd: "/b" },
    ],
    [
      "FileChanged",
      ({ host, session }) => host.frontend.emit(fileChanged, { session, file: "/a/x.env", change: "add" }),
      { file_path: "/a/x.env", event: "add" },
    ],
    [
      "ConfigChange",
      ({ host }) => host.frontend.emit(configurationGate, { source: "user_settings", file: "/s.json" }),
      { source: "user_settings" },
    ],
  ];
  it.each(heard)("are told of %s", async (event, emit, fields) => {
    using home = withHooks({ [event]: [{ hooks: [shell(`cat > ${"$CLAUDE_PROJECT_DIR"}/told`)] }] });
    await using host = await hookHost(home);
    await emit(host);
    expect(told(home)).toMatchObject({ hook_event_name: event, ...fields });
  });

  it("end with a session after a second and a half", async () => {
    using home = withHooks({ SessionEnd: [{ hooks: [shell("sleep 30; touch late", { timeout: 60 })] }] });
    await using host = await hookHost(home);
    await host.host.frontend.emit(sessionEnd, { session: host.session, reason: "other" });
    expect(host.warnings.join()).toContain("took longer than 1500 ms");
  });

  it("SC01: hand a secret option to the plugin's own programs, and to no log", async () => {
    const userConfig = {
      token: { type: "string", title: "t", description: "d", sensitive: true },
      place: { type: "string", title: "p", description: "d", default: "here" },
    };
    using home = withHooks(
      { UserPromptSubmit: [{ hooks: [shell('echo "$CLAUDE_PLUGIN_OPTION_TOKEN"')] }] },
      { userConfig },
    );
    await using host = await hookHost(home, {
      secrets: {
        get: async () => undefined,
        set: async () => undefined,
        delete: async () => false,
        option: async () => canary(),
      },
    });
    const { session } = host;
    expect(await host.host.frontend.emit(promptGate, { session, prompt: "x" })).toMatchObject({
      context: [canary()],
    });
    expect(JSON.stringify(host.audit)).not.toContain(canary());
  });

  it("that need a required option without a value do not run, and name its command; the others do", async () => {
    const userConfig = { token: { type: "string", title: "t", description: "d", sensitive: true, required: true } };
    const lines = ['test -n "$CLAUDE_PLUGIN_OPTION_TOKEN" && echo ran', "echo other"];
    using home = withHooks({ UserPromptSubmit: [{ hooks: lines.map((line) => shell(line)) }] }, { userConfig });
    await using host = await hookHost(home, {
      secrets: {
        get: async () => undefined,
        set: async () => undefined,
        delete: async () => false,
        option: async () => undefined,
      },
    });
    const { session } = host;
    expect(await host.host.frontend.emit(promptGate, { session, prompt: "x" })).toMatchObject({ context: ["other"] });
    expect(host.warnings.join()).toMatch(/it needs option `token`; `plugin config set \S+ token` gives it a value/u);
  });
});

describe("hooks of other kinds than programs", () => {
  it("post to a server, which cannot block by its status", async () => {
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        bodies.push(`${String(request.headers["x-key"])} ${body}`);
        const path = request.url ?? "";
        response.writeHead(path === "/moved" ? 302 : path === "/bad" ? 500 : 200, { location: "/block" });
        response.end(path === "/block" ? JSON.stringify({ decision: "block", reason: "by http" }) : "");
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const post = (path: string) => ({
      type: "http",
      url: `${origin}${path}`,
      headers: { "x-key": "$HOME-$PATH" },
      allowedEnvVars: ["HOME"],
    });
    try {
      for (const [path, decision] of [
        ["/block", "deny"],
        ["/bad", "pass"],
        ["/moved", "pass"],
        ["/fine", "pass"],
      ] as const) {
        using home = withHooks({ UserPromptSubmit: [{ hooks: [post(path)] }] });
        await using host = await hookHost(home);
        const { session } = host;
        const answer = await host.host.frontend.emit(promptGate, { session, prompt: "x" });
        expect({ path, ...answer }).toMatchObject({ path, decision });
        expect(bodies.at(-1)).toContain(`${home.directory}-$PATH {"session_id"`);
      }
      using home = withHooks({ UserPromptSubmit: [{ hooks: [post("/block")] }] });
      const values = { allowedHttpHookUrls: ["https://hooks.example/*"] };
      await using host = await hookHost(home, {
        settings: new MemorySettings([{ layer: "managed", file: "/m.json", values }]),
      });
      const { session } = host;
      expect(await host.host.frontend.emit(promptGate, { session, prompt: "x" })).toMatchObject({ decision: "pass" });
      expect(host.warnings.join()).toContain("`allowedHttpHookUrls` of /m.json does not admit");
    } finally {
      server.close();
    }
  });

  it("call a tool of a server through the gate", async () => {
    const tool = defineTool<{ text: string }>({
      name: "mcp__plugin_p_s__check",
      description: "d",
      inputSchema: { type: "object" },
      run: ({ text }) => JSON.stringify({ decision: "block", reason: `checked ${text}` }),
    });
    const owner = codePlugin(
      "owner",
      {
        points: { "plugsmith/tool": { guarded: { gate: "plugsmith/tool-permission", input: "inputSchema" } } },
        contributes: { "plugsmith/tool": [] },
        listens: ["plugsmith/tool-permission"],
        activation: "startup",
      },
      (context) => {
        context.contribute(toolPoint, tool.descriptor.name, tool);
        context.listen(toolPermission, ({ input }) => ({
          decision: JSON.stringify(input).includes("bad") ? "deny" : "allow",
        }));
      },
    );
    const handler = {
      type: "mcp_tool",
      server: "plugin:p:s",
      tool: "check",
      input: { text: "${prompt}", all: ["${session_id}"] },
    };
    using home = withHooks({ UserPromptSubmit: [{ hooks: [handler] }] });
    await using host = await hookHost(home, { more: [owner] });
    const ask = (prompt: string) => host.host.frontend.emit(promptGate, { session: host.session, prompt });
    expect(await ask("good")).toMatchObject({ decision: "deny", reason: "checked good" });
    expect(await ask("bad")).toMatchObject({ decision: "pass" });
  });

  it("ask a model, or an agent, for a verdict", async () => {
    const asked: string[] = [];
    const answers = ['Sure: {"ok": false, "reason": "too vague"}', '{"ok": true}', "no idea"];
    const judge = codePlugin("judge", { provides: [modelsService.key, agentsService.key] }, (context) => {
      context.provide(modelsService, {
        ask: async ({ messages }) => {
          asked.push(JSON.stringify(messages));
          return answers.shift() ?? "";
        },
      });
      context.provide(agentsService, {
        list: () => [],
        run: async ({ prompt }) => {
          asked.push(String(prompt));
          return { text: answers.shift() ?? "", isError: false };
        },
      });
    });
    using home = withHooks({
      UserPromptSubmit: [{ hooks: [{ type: "prompt", prompt: "Is this clear? $ARGUMENTS" }] }],
      Stop: [{ hooks: [{ type: "agent", prompt: "Are the tests run?" }] }],
    });
    await using host = await hookHost(home, { more: [judge] });
    const { session } = host;
    const ask = (prompt: string) => host.host.frontend.emit(promptGate, { session, prompt });
    expect(await ask("do it")).toMatchObject({ decision: "deny", reason: "too vague" });
    expect(await ask("do it")).toMatchObject({ decision: "pass" });
    expect(await ask("do it")).toMatchObject({ decision: "pass" });
    answers.push('{"ok": false, "reason": "run them"}');
    expect(await host.host.frontend.emit(stopGate, { session, lastText: "", active: false })).toMatchObject({
      reason: "run them",
    });
    expect(asked[0]).toContain("do it");
    expect(asked.at(-1)).toContain("Are the tests run?");
  });
});
