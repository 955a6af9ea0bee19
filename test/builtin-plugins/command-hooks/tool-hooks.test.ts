import { describe, expect, it } from "vitest";
import {
  permissionAnswer,
  permissionDenied,
  toolBatch,
  toolDone,
  toolFailed,
  toolOpinion,
  type ToolOutcome,
  type ToolUse,
} from "../../../plugin-api/index.ts";
import { hookHost, type HookHost } from "../../support/hook-host.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

/** Writes a plugin with hooks; `$OUT` in a command is a file of the test. */
function withHooks(hooks: object, home: TemporaryHome = temporaryHome()): TemporaryHome {
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
  home.write("plugin/hooks/hooks.json", JSON.stringify({ hooks }));
  return home;
}

const shell = (command: string, more: object = {}) => ({ type: "command", command, ...more });

const use = (host: HookHost, more: Partial<ToolUse> = {}): ToolUse => ({
  session: host.session,
  callId: "call-1",
  name: "Bash",
  input: { command: "git push origin main" },
  readOnly: false,
  ...more,
});

const outcome = (host: HookHost, more: Partial<ToolOutcome> = {}): ToolOutcome => ({
  ...use(host),
  result: { content: [{ type: "text", text: "done" }] },
  durationMs: 5,
  texts: [],
  ...more,
});

const say = (value: object): string => `cat > /dev/null; echo '${JSON.stringify(value)}'`;
const specific = (fields: object, event = "PreToolUse") =>
  say({ hookSpecificOutput: { hookEventName: event, ...fields } });

describe("PreToolUse hooks", () => {
  interface Case {
    readonly name: string;
    readonly hooks: readonly object[];
    readonly answer: object;
    readonly matcher: string;
  }
  const row = (name: string, hooks: readonly object[], answer: object, matcher = "Bash"): Case => ({
    name,
    hooks,
    answer,
    matcher,
  });
  const cases: readonly Case[] = [
    row("say nothing", [shell("true")], { decision: "pass" }),
    row("exit 2 denies with what stderr says", [shell("echo not here >&2; exit 2")], {
      decision: "deny",
      reason: "not here",
    }),
    row("exit 2 cannot be talked out of", [shell(`${specific({ permissionDecision: "allow" })}; exit 2`)], {
      decision: "deny",
    }),
    row("exit 1 gives no decision", [shell("exit 1")], { decision: "pass" }),
    row("exit 1 with an answer lets the answer count", [shell(`${specific({ permissionDecision: "deny" })}; exit 1`)], {
      decision: "deny",
    }),
    row("a program that does not exist gives no decision", [shell("/nowhere/at/all")], { decision: "pass" }),
    row("allow", [shell(specific({ permissionDecision: "allow", permissionDecisionReason: "fine" }))], {
      decision: "allow",
      reason: "fine",
    }),
    row("defer waits for a person", [shell(specific({ permissionDecision: "defer" }))], { decision: "ask" }),
    row("the older form approves", [shell(say({ decision: "approve", reason: "old" }))], {
      decision: "allow",
      reason: "old",
    }),
    row("the older form blocks", [shell(say({ decision: "block", reason: "old" }))], {
      decision: "deny",
      reason: "old",
    }),
    row(
      "deny is stricter than ask and allow",
      [
        shell(specific({ permissionDecision: "allow" })),
        shell(specific({ permissionDecision: "deny", permissionDecisionReason: "no" })),
        shell(specific({ permissionDecision: "ask" })),
      ],
      { decision: "deny", reason: "no" },
    ),
    row("continue false denies", [shell(say({ continue: false, stopReason: "enough" }))], {
      decision: "deny",
      reason: "enough",
    }),
    row("an answer for another event is none", [shell(specific({ permissionDecision: "deny" }, "Stop"))], {
      decision: "pass",
    }),
    row("what is no JSON is no answer", [shell("echo '{not json'")], { decision: "pass" }),
    row("another input", [shell(specific({ updatedInput: { command: "git status" } }))], {
      decision: "pass",
      input: { command: "git status" },
    }),
    row("context for the model", [shell(specific({ additionalContext: "main is frozen" }))], {
      decision: "pass",
      context: ["main is frozen"],
    }),
    row("another matcher hears nothing", [shell("exit 2")], { decision: "pass" }, "Edit|Write"),
    row("a list of names hears", [shell("exit 2")], { decision: "deny" }, "Edit, Bash"),
    row("a pattern hears", [shell("exit 2")], { decision: "deny" }, "^Ba.h$"),
    row("a pattern that is none hears nothing", [shell("exit 2")], { decision: "pass" }, "Ba(sh"),
    row("a rule that holds", [shell("exit 2", { if: "Bash(git push:*)" })], { decision: "deny" }),
    row("a rule that does not hold", [shell("exit 2", { if: "Bash(rm:*)" })], { decision: "pass" }),
    row("a time limit", [shell("sleep 20; exit 2", { timeout: 0.2 })], { decision: "pass" }),
    row("an option in a shell command", [shell("echo ${user_config.key}; exit 2")], { decision: "pass" }),
  ];
  it.each(cases)("$name", async ({ hooks, answer, matcher }) => {
    using home = withHooks({ PreToolUse: [{ matcher, hooks }] });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(toolOpinion, use(host))).toMatchObject(answer);
  });

  it.each([
    { matcher: "Task", more: {} },
    { matcher: "Agent", more: {} },
    { matcher: "Agent", more: { if: "Task" } },
  ])("hear of a tool by $matcher $more, one of its names", async ({ matcher, more }) => {
    using home = withHooks({ PreToolUse: [{ matcher, hooks: [shell("exit 2", more)] }] });
    await using host = await hookHost(home);
    const agent = use(host, { name: "Agent", aliases: ["Task"], input: { prompt: "p" } });
    expect(await host.host.frontend.emit(toolOpinion, agent)).toMatchObject({ decision: "deny" });
    expect(await host.host.frontend.emit(toolOpinion, use(host))).toMatchObject({ decision: "pass" });
  });

  it("hear of a command that no simple rule can read, so that nobody talks past a guard", async () => {
    using home = withHooks({ PreToolUse: [{ matcher: "Bash", hooks: [shell("exit 2", { if: "Bash(rm:*)" })] }] });
    await using host = await hookHost(home);
    const hidden = use(host, { input: { command: 'x=rm; "$x" -rf /' } });
    expect(await host.host.frontend.emit(toolOpinion, hidden)).toMatchObject({ decision: "deny" });
  });

  it("are told of the call and find their places in the environment", async () => {
    using home = withHooks({
      PreToolUse: [
        {
          hooks: [
            shell(
              'cat > "$CLAUDE_PROJECT_DIR/told"; echo "$CLAUDE_PLUGIN_ROOT|$CLAUDE_PLUGIN_DATA|$PLUGSMITH_SESSION" > env',
            ),
          ],
        },
        {
          hooks: [
            { type: "command", command: "${CLAUDE_PLUGIN_ROOT}/bin/note", args: ["${CLAUDE_PLUGIN_ROOT}", "a b; $x"] },
          ],
        },
      ],
    });
    home.write("plugin/bin/note", '#!/bin/sh\nprintf "%s\\n" "$@" > noted\n');
    const { chmodSync, readFileSync } = await import("node:fs");
    chmodSync(home.path("plugin/bin/note"), 0o755);
    await using host = await hookHost(home);
    await host.host.frontend.emit(toolOpinion, use(host));
    expect(JSON.parse(readFileSync(home.path("told"), "utf8"))).toMatchObject({
      session_id: host.session.id,
      cwd: home.directory,
      permission_mode: "default",
      hook_event_name: "PreToolUse",
      tool_name: "Bash",
      tool_input: { command: "git push origin main" },
      tool_use_id: "call-1",
    });
    const [root, data, marker] = readFileSync(home.path("env"), "utf8").trim().split("|");
    expect([root, marker]).toEqual([home.path("plugin"), "1"]);
    expect(data).toContain("p-inline");
    expect(readFileSync(home.path("noted"), "utf8")).toBe(`${home.path("plugin")}\na b; $x\n`);
    expect(host.audit.filter(({ action }) => action === "process start")).toHaveLength(2);
  });

  it("run beside each other", async () => {
    // Each waits for the other's file: one after the other they would never end.
    const wait = (own: string, other: string): string => `touch ${own}; until [ -e ${other} ]; do sleep 0.02; done`;
    using home = withHooks({ PreToolUse: [{ hooks: [shell(wait("a", "b")), shell(wait("b", "a"))] }] });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(toolOpinion, use(host))).toMatchObject({ decision: "pass" });
  });
});

describe("hooks around calls", () => {
  it("answer a question in the person's place", async () => {
    const decision = { behavior: "deny", message: "ask me tomorrow" };
    using home = withHooks({
      PermissionRequest: [{ hooks: [shell("exit 2"), shell(specific({ decision }, "PermissionRequest"))] }],
    });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(permissionAnswer, use(host))).toMatchObject({
      allow: false,
      message: "ask me tomorrow",
    });
  });

  it("hear of a denial with its reason", async () => {
    using home = withHooks({ PermissionDenied: [{ hooks: [shell("cat > denied")] }] });
    await using host = await hookHost(home);
    await host.host.frontend.emit(permissionDenied, { ...use(host), reason: "a rule" });
    const { readFileSync } = await import("node:fs");
    expect(JSON.parse(readFileSync(home.path("denied"), "utf8"))).toMatchObject({
      reason: "a rule",
      tool_name: "Bash",
    });
  });

  it("tell the model what they think of a result, and replace it", async () => {
    using home = withHooks({
      PostToolUse: [
        { hooks: [shell(say({ decision: "block", reason: "run the tests" }))] },
        { hooks: [shell(specific({ additionalContext: "it is late", updatedToolOutput: "other" }, "PostToolUse"))] },
      ],
    });
    await using host = await hookHost(home);
    expect(await host.host.frontend.emit(toolDone, outcome(host))).toMatchObject({
      texts: ["run the tests", "it is late"],
      result: { content: [{ type: "text", text: "other" }] },
    });
  });

  it("hear of a failure with its text", async () => {
    using home = withHooks({ PostToolUseFailure: [{ hooks: [shell("cat > failed; echo no >&2; exit 2")] }] });
    await using host = await hookHost(home);
    const failed = outcome(host, { result: { isError: true, content: [{ type: "text", text: "no such branch" }] } });
    expect(await host.host.frontend.emit(toolFailed, failed)).toMatchObject({ texts: ["no"] });
    const { readFileSync } = await import("node:fs");
    expect(JSON.parse(readFileSync(home.path("failed"), "utf8"))).toMatchObject({
      error: "no such branch",
      duration_ms: 5,
    });
  });

  it("stop the turn after the step in which one of them wanted it", async () => {
    using home = withHooks({ PostToolUse: [{ hooks: [shell(say({ continue: false, stopReason: "enough" }))] }] });
    await using host = await hookHost(home);
    const { session } = host;
    await host.host.frontend.emit(toolDone, outcome(host));
    const batch = { session, outcomes: [outcome(host)], texts: [] };
    expect(await host.host.frontend.emit(toolBatch, batch)).toMatchObject({ stop: "enough" });
    expect((await host.host.frontend.emit(toolBatch, batch)).stop).toBeUndefined();
  });

  it("tell later what they found while nobody waited for them", async () => {
    using home = withHooks({
      PostToolUse: [
        {
          hooks: [shell(`${specific({ additionalContext: "found it" }, "PostToolUse")}; touch ready`, { async: true })],
        },
      ],
    });
    await using host = await hookHost(home);
    const { session } = host;
    expect(await host.host.frontend.emit(toolDone, outcome(host))).toMatchObject({ texts: [] });
    await expect
      .poll(async () => (await host.host.frontend.emit(toolBatch, { session, outcomes: [], texts: [] })).texts, {
        timeout: 10_000,
      })
      .toEqual(["found it"]);
  });
});
