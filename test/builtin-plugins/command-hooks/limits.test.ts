import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import {
  agentsService,
  defineTool,
  modelsService,
  promptGate,
  stopGate,
  toolBatch,
  toolDone,
  toolOpinion,
  toolPermission,
  toolPoint,
  type ToolOutcome,
} from "../../../plugin-api/index.ts";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import { hookHost, type HookHost } from "../../support/hook-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { codePlugin, pluginIn } from "../../support/test-host.ts";

function withHooks(hooks: object): TemporaryHome {
  const home = temporaryHome();
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  return home;
}

const STOP = `cat > /dev/null; echo '{"continue":false,"stopReason":"enough"}'`;

const outcome = ({ session }: HookHost): ToolOutcome => ({
  session,
  callId: "call-1",
  name: "Bash",
  input: { command: "true" },
  readOnly: false,
  result: { content: [] },
  durationMs: 1,
  texts: [],
});

it.each([
  {
    event: "Stop",
    emit: ({ host, session }: HookHost) => host.frontend.emit(stopGate, { session, lastText: "", active: false }),
  },
  {
    event: "UserPromptSubmit",
    emit: ({ host, session }: HookHost) => host.frontend.emit(promptGate, { session, prompt: "x" }),
  },
])("what a $event hook stops is not the turn after it", async ({ event, emit }) => {
  using home = withHooks({ [event]: [{ hooks: [{ type: "command", command: STOP }] }] });
  await using host = await hookHost(home);
  await emit(host);
  const batch = await host.host.frontend.emit(toolBatch, { session: host.session, outcomes: [], texts: [] });
  expect(batch.stop).toBeUndefined();
});

it("a hook finds the data folder of its plugin", async () => {
  const command = '[ -d "$CLAUDE_PLUGIN_DATA" ] && exit 0; echo "there is no folder" >&2; exit 2';
  using home = withHooks({ UserPromptSubmit: [{ hooks: [{ type: "command", command }] }] });
  await using host = await hookHost(home);
  const answer = await host.host.frontend.emit(promptGate, { session: host.session, prompt: "x" });
  expect(answer).toMatchObject({ decision: "pass" });
});

it("a hook that calls a tool is not called for its own call", async () => {
  let calls = 0;
  const tool = defineTool({
    name: "mcp__s__check",
    description: "d",
    inputSchema: { type: "object" },
    run: () => {
      calls += 1;
      return "{}";
    },
  });
  const owner: HostPlugin = codePlugin(
    "owner",
    {
      points: { "plugsmith/tool": { guarded: { gate: "plugsmith/tool-permission", input: "inputSchema" } } },
      contributes: { "plugsmith/tool": [] },
      listens: ["plugsmith/tool-permission"],
      activation: "startup",
    },
    (context) => {
      context.contribute(toolPoint, tool.descriptor.name, tool);
      // As the permissions do it: hooks are asked for every call.
      context.listen(toolPermission, async ({ name, callId, input, context: given }) => {
        const { session } = given as { readonly session: HookHost["session"] };
        await context.emit(toolOpinion, { session, callId, name, input, readOnly: false });
        return { decision: "allow" };
      });
    },
  );
  using home = withHooks({ PreToolUse: [{ hooks: [{ type: "mcp_tool", server: "s", tool: "check", timeout: 5 }] }] });
  await using host = await hookHost(home, { more: [owner] });
  await host.host.frontend.emit(toolOpinion, outcome(host));
  expect(calls).toBe(1);
});

it("an agent that a hook asks is not asked about its own calls", async () => {
  let asked = 0;
  using home = withHooks({ PreToolUse: [{ hooks: [{ type: "agent", prompt: "p" }] }] });
  const agents = codePlugin("agents", { provides: ["plugsmith/agents"] }, (context) => {
    context.provide(agentsService, {
      list: () => [],
      run: async ({ parent }) => {
        asked += 1;
        const call = { session: parent, callId: `call-${String(asked)}`, name: "Read", input: {}, readOnly: true };
        if (asked < 5) await context.emit(toolOpinion, call);
        return { text: '{"ok": true}', isError: false };
      },
    });
  });
  await using host = await hookHost(home, { more: [agents] });
  await host.host.frontend.emit(toolOpinion, outcome(host));
  await host.host.frontend.emit(toolOpinion, outcome(host));
  expect(asked).toBe(2);
});

it("a hook that nobody waits for outlives its turn, whose end is no failure of it", async () => {
  const command = "cat > /dev/null; until [ -e over ]; do sleep 0.05; done; touch went-on";
  using home = withHooks({ PostToolUse: [{ hooks: [{ type: "command", command, async: true }] }] });
  await using host = await hookHost(home);
  const unhandled: unknown[] = [];
  const hear = (error: unknown): void => void unhandled.push(error);
  process.on("unhandledRejection", hear);
  const turn = new AbortController();
  await host.host.frontend.emit(toolDone, outcome(host), { signal: turn.signal });
  await expect.poll(() => host.audit.some(({ action }) => action === "process start")).toBe(true);
  turn.abort(new Error("the turn is over"));
  home.write("over", "");
  await expect.poll(() => existsSync(home.path("went-on")), { timeout: 10_000 }).toBe(true);
  process.off("unhandledRejection", hear);
  expect(unhandled).toEqual([]);
});

it.each([
  { trusted: true, nested: false, decision: "deny" },
  { trusted: false, nested: false, decision: "pass" },
  { trusted: true, nested: true, decision: "deny" },
  { trusted: false, nested: true, decision: "pass" },
])("hooks of a project's skill (nested: $nested), noted, $decision where trusted is $trusted", async (row) => {
  using home = withHooks({});
  const front =
    "---\nname: s\ndescription: d\nhooks:\n  PreToolUse:\n    - hooks:\n        - type: prompt\n          prompt: p\n---\ntext\n";
  home.write("skills-of-project/skills/s/SKILL.md", row.nested ? front.replace("PreToolUse", "Stop") : front);
  home.write("sub/.claude/skills/s/SKILL.md", front);
  const plugin = pluginIn(home.path("skills-of-project"), home);
  const loose: HostPlugin = { ...plugin, info: { ...plugin.info, id: "claude@project", tier: "loose" } };
  const models = codePlugin("models", { provides: ["plugsmith/models"] }, (context) => {
    context.provide(modelsService, { ask: async () => '{"ok": false, "reason": "asked"}' });
  });
  await using host = await hookHost(home, { trusted: row.trusted, more: [loose, models] });
  const note = row.nested
    ? { plugin: "claude:sub@project", skill: "s", folder: home.path("sub") }
    : { plugin: "claude@project", skill: "s" };
  host.session.note("plugsmith/skill-hooks", note);
  expect(await host.host.frontend.emit(toolOpinion, outcome(host))).toMatchObject({ decision: row.decision });
});
