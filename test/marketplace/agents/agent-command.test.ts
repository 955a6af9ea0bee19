import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { agentCommand } from "../../../marketplace/agents/agent-command.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const LIMITS = { deadlineMs: 500, graceMs: 200 };

describe("an agent's program that refuses", () => {
  test.each([
    ["says its last words", "#!/bin/sh\necho first; echo 'no such plugin' >&2; exit 7\n", "no such plugin"],
    ["says it on standard output", "#!/bin/sh\necho 'no such plugin'; exit 7\n", "no such plugin"],
    ["says nothing", "#!/bin/sh\nexit 7\n", "ended with 7 and said nothing"],
    ["was ended", "#!/bin/sh\nkill -9 $$\n", "ended by SIGKILL and said nothing"],
    ["has no interpreter", "#!/nowhere/node\n", "cannot be started (ENOENT)"],
    ["hangs", "#!/bin/sh\nexec /bin/sleep 60\n", "did not end within 0.5 s"],
    [
      "hangs and does not listen",
      "#!/bin/sh\ntrap '' TERM\nwhile :; do /bin/sleep 0.1; done\n",
      "did not end within 0.5 s",
    ],
  ])("%s", async (_, script, message) => {
    using home = temporaryHome();
    const program = home.write("agent", script);
    chmodSync(program, 0o755);
    const command = agentCommand("Surf", program, {
      directory: home.path("."),
      environment: {},
      signal: new AbortController().signal,
      limits: LIMITS,
    });
    await expect(command(["plugin", "list"])).rejects.toMatchObject({
      code: "E_AGENT_PROGRAM",
      message: expect.stringContaining(message),
      hint: "`plugin sync` tries again; the call was `plugin list`",
    });
  });

  test.each([
    ["by the deadline", LIMITS, "E_AGENT_PROGRAM"],
    ["by an interruption", { deadlineMs: 60_000, graceMs: 200 }, "E_INTERRUPTED"],
  ])("is ended %s with everything that it started", async (_, limits, code) => {
    using home = temporaryHome();
    const program = home.write(
      "agent",
      "#!/bin/sh\n/bin/sh -c 'trap \"\" TERM; while :; do /bin/sleep 0.1; done' &\necho $! >child\nwait\n",
    );
    chmodSync(program, 0o755);
    const interruption = new AbortController();
    const options = { directory: home.path("."), environment: {}, signal: interruption.signal, limits };
    const outcome = agentCommand("Surf", program, options)([]).catch((error: unknown) => error);
    await expect.poll(() => existsSync(home.path("child")) && readFileSync(home.path("child"), "utf8")).toMatch(/\n/u);
    if (code === "E_INTERRUPTED") interruption.abort();
    await expect(outcome).resolves.toMatchObject({ code });
    const pid = Number(readFileSync(home.path("child"), "utf8"));
    await expect.poll(() => isRunning(pid)).toBe(false);
  });
});

/** Whether a process runs; one that has ended and that nobody has asked about yet does not. */
function isRunning(pid: number): boolean {
  const state = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  return state !== "" && !state.startsWith("Z");
}
