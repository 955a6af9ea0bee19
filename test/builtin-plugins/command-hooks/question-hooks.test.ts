import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  contextTexts,
  elicitationAnswered,
  elicitationAsked,
  modelSwitched,
  modelSwitchGate,
  type Elicitation,
  type ModelSwitch,
} from "../../../plugin-api/index.ts";
import { hookHost, type HookHost } from "../../support/hook-host.ts";
import { homeWithHooks, printing, programHook } from "../../support/hook-plugin.ts";

const specific = (hookEventName: string, fields: object) =>
  printing({ hookSpecificOutput: { hookEventName, ...fields } });
const TELL = 'cat > "$CLAUDE_PROJECT_DIR/told"';

describe("hooks of the questions of MCP servers", () => {
  const question = ({ session }: HookHost): Elicitation => ({
    session,
    server: "plugin:p:forms",
    mode: "form",
    message: "Who?",
    id: "e1",
    schema: { type: "object" },
  });
  const rows = [
    {
      name: "accept with content",
      command: specific("Elicitation", { action: "accept", content: { who: "me" } }),
      answer: { action: "accept", content: { who: "me" } },
    },
    {
      name: "decline without content",
      command: specific("Elicitation", { action: "decline", content: { who: "me" } }),
      answer: { action: "decline" },
    },
    { name: "cancel", command: specific("Elicitation", { action: "cancel" }), answer: { action: "cancel" } },
    { name: "decline by exit code 2", command: "exit 2", answer: { action: "decline" } },
    { name: "say nothing", command: "true", answer: undefined },
    { name: "are not for other servers", command: "exit 2", matcher: "forms", answer: undefined },
    { name: "are for this server", command: "exit 2", matcher: "^plugin:p:", answer: { action: "decline" } },
  ];
  it.each(rows)("$name", async ({ command, matcher, answer }) => {
    using home = homeWithHooks({ Elicitation: [programHook(`${TELL}; ${command}`, {}, matcher)] });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(elicitationAsked, question(host))).toEqual(answer);
    if (matcher === "forms") return;
    expect(JSON.parse(readFileSync(home.path("told"), "utf8"))).toMatchObject({
      hook_event_name: "Elicitation",
      session_id: host.session.id,
      mcp_server_name: "plugin:p:forms",
      mode: "form",
      message: "Who?",
      elicitation_id: "e1",
      requested_schema: { type: "object" },
    });
  });

  it("take the most cautious of several answers", async () => {
    const answers = ["accept", "decline"].map((action) => programHook(specific("Elicitation", { action })));
    using home = homeWithHooks({ Elicitation: answers });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(elicitationAsked, question(host))).toEqual({ action: "decline" });
  });

  it("replace what the person answered", async () => {
    const replace = specific("ElicitationResult", { action: "accept", content: { who: "you" } });
    using home = homeWithHooks({
      ElicitationResult: [programHook(`${TELL}; ${replace.replace("cat > /dev/null;", "")}`)],
    });
    await using host = await hookHost(home);
    const answer = { action: "accept", content: { who: "me" } } as const;
    expect(await host.host.frontend.emit(elicitationAnswered, { ...question(host), answer })).toEqual({
      action: "accept",
      content: { who: "you" },
    });
    expect(JSON.parse(readFileSync(home.path("told"), "utf8"))).toMatchObject({
      hook_event_name: "ElicitationResult",
      mcp_server_name: "plugin:p:forms",
      ...answer,
    });
  });
});

describe("hooks of a change of the model", () => {
  const change = ({ session }: HookHost, to = "claude-opus-5-5-20260901"): ModelSwitch => ({
    session,
    from: "claude-sonnet-5-5",
    to,
    requested: "opus",
    source: "command",
    contextTokens: 1200,
    isCacheWarm: true,
  });
  const deny = { permissionDecision: "deny", permissionDecisionReason: "too dear" };
  const rows = [
    { name: "deny", command: specific("PreModelSwitch", deny), answer: { decision: "deny", reason: "too dear" } },
    { name: "ask", command: specific("PreModelSwitch", { permissionDecision: "ask" }), answer: { decision: "ask" } },
    {
      name: "allow",
      command: specific("PreModelSwitch", { permissionDecision: "allow" }),
      answer: { decision: "allow" },
    },
    {
      name: "block by exit code 2",
      command: "echo retired >&2; exit 2",
      answer: { decision: "deny", reason: "retired" },
    },
    { name: "block by their decision", command: printing({ decision: "block" }), answer: { decision: "deny" } },
    {
      name: "block when they take too long",
      command: "sleep 30",
      more: { timeout: 0.2 },
      answer: { decision: "deny" },
    },
    { name: "do not block by a failure", command: "exit 1", answer: { decision: "pass" } },
    {
      name: "are meant by the canonical name",
      command: "exit 2",
      matcher: "claude-opus-5-5",
      answer: { decision: "deny" },
    },
    { name: "are not meant by another", command: "exit 2", matcher: "claude-opus-4-6", answer: { decision: "pass" } },
    {
      name: "are all meant where no name is known",
      command: "exit 2",
      matcher: "claude-opus-4-6",
      to: "house-model",
      answer: { decision: "deny" },
    },
  ];
  it.each(rows)("$name", async ({ command, more, matcher, to, answer }) => {
    using home = homeWithHooks({ PreModelSwitch: [programHook(command, more, matcher)] });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(modelSwitchGate, change(host, to))).toMatchObject(answer);
  });

  it("tell the model what they found after it, by plain output too", async () => {
    using home = homeWithHooks({ PostModelSwitch: [programHook(`${TELL}; echo re-read the plan`)] });
    await using host = await hookHost(home);
    const { session } = host;
    await host.host.frontend.emit(modelSwitched, change(host));
    const { texts } = await host.host.frontend.emit(contextTexts, { session, reason: "prompt", texts: [] });
    expect(texts).toEqual(["re-read the plan"]);
    expect(JSON.parse(readFileSync(home.path("told"), "utf8"))).toMatchObject({
      hook_event_name: "PostModelSwitch",
      from_model: "claude-sonnet-5-5",
      to_model: "claude-opus-5-5-20260901",
      requested_model: "opus",
      source: "command",
      context_tokens: 1200,
      prompt_cache_warm: true,
      cache_ttl: "5m",
    });
  });
});
