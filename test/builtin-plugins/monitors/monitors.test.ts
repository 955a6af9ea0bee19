import { describe, expect, it } from "vitest";
import { openProcesses } from "../../../core/platform/processes.ts";
import {
  contextTexts,
  personService,
  sessionEnd,
  workspaceService,
  type Workspace,
} from "../../../plugin-api/index.ts";
import { MonitorLines } from "../../../builtin-plugins/monitors/monitor-lines.ts";
import { MemorySession } from "../../support/memory-sessions.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";
import { builtins, hostService, pluginIn, testHost } from "../../support/test-host.ts";

interface Scene extends AsyncDisposable {
  readonly session: MemorySession;
  readonly begin: () => Promise<unknown>;
  readonly news: () => Promise<string>;
  readonly end: () => Promise<unknown>;
  readonly started: () => number;
}

/** A session with monitors of a plugin, and with a person or without. */
async function scene(home: TemporaryHome, monitors: object, attended = true): Promise<Scene> {
  home.write("plugin/.claude-plugin/plugin.json", JSON.stringify({ name: "p", version: "1.0.0" }));
  home.write("plugin/monitors/monitors.json", JSON.stringify(monitors));
  const workspace: Workspace = {
    directory: home.directory,
    projectDirectory: home.directory,
    homeDirectory: home.directory,
    plugsmithHome: home.path("plugsmith"),
    trusted: true,
    environment: { PATH: process.env["PATH"] ?? "", HOME: home.directory },
  };
  let started = 0;
  const processes = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit: { append: () => void (started += 1), heads: () => [] },
    failed: () => undefined,
  });
  const test = await testHost((own) => [...builtins(["monitors"], own), pluginIn(home.path("plugin"), own)], {
    services: [processes.service, hostService(workspaceService, workspace)],
  });
  const { frontend } = test.host;
  if (attended) frontend.provide(personService, { ask: async () => undefined });
  const session = new MemorySession({ directory: home.directory });
  return {
    session,
    started: () => started,
    begin: () => frontend.emit(contextTexts, { session, reason: "session-start", texts: [] }),
    news: async () => (await frontend.emit(contextTexts, { session, reason: "prompt", texts: [] })).texts.join("\n"),
    end: () => frontend.emit(sessionEnd, { session, reason: "other" }),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await processes.dispose();
    },
  };
}

const ticker = {
  name: "ticks",
  command: 'echo "tick from $CLAUDE_PLUGIN_ROOT"; touch up; sleep 60',
  description: "ticks",
};

describe("monitors", () => {
  it("run beside a session with a person, and the model is told once what they say", async () => {
    using home = temporaryHome();
    await using test = await scene(home, [ticker]);
    await test.begin();
    await test.begin();
    await expect
      .poll(test.news, { timeout: 10_000 })
      .toBe(`Monitor \`ticks\` (ticks) says:\ntick from ${home.path("plugin")}`);
    expect(await test.news()).toBe("");
    expect(test.started()).toBe(1);
    await test.end();
  });

  it("do not run where nobody is", async () => {
    using home = temporaryHome();
    await using test = await scene(home, [ticker], false);
    await test.begin();
    expect([await test.news(), test.started()]).toEqual(["", 0]);
  });

  it("wait for the skill that they watch over", async () => {
    using home = temporaryHome();
    await using test = await scene(home, [{ ...ticker, when: "on-skill-invoke:deploy" }]);
    await test.begin();
    expect(await test.news()).toBe("");
    expect(test.started()).toBe(0);
    test.session.note("plugsmith/skill-invoked", "p@inline deploy abc");
    await test.news();
    expect(test.started()).toBe(1);
  });

  it("end with the session", async () => {
    using home = temporaryHome();
    await using test = await scene(home, [
      { ...ticker, command: "trap 'touch ended; exit' TERM; touch up; while :; do sleep 0.05; done" },
    ]);
    await test.begin();
    const { existsSync } = await import("node:fs");
    await expect.poll(() => existsSync(home.path("up")), { timeout: 10_000 }).toBe(true);
    await test.end();
    expect(existsSync(home.path("ended"))).toBe(true);
  });
});

describe("the lines of a monitor", () => {
  it("are whole lines, the newest hundred of them, and never endless", () => {
    const lines = new MonitorLines();
    lines.add("one\ntw");
    expect(lines.take()).toEqual(["one"]);
    lines.add("o\n\n  \nthree\n");
    expect(lines.take()).toEqual(["two", "three"]);
    lines.add(Array.from({ length: 150 }, (_, at) => `line ${String(at)}\n`).join(""));
    expect(lines.take()).toHaveLength(101);
    lines.add("x".repeat(5000));
    expect(lines.take()[0]).toHaveLength(2001);
  });
});
