import { spawn } from "node:child_process";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { HOOK, sandbox, type Sandbox } from "../cli/sandbox.ts";

/** The program of util-linux that gives another one a terminal. */
const TERMINAL = "script";
const PLAN = "go ahead? [y/N]";
const CONSENT = "run this? [y/N]";

/** Runs the program on a pseudo-terminal of `script` and answers its questions in order. */
function onTerminal(
  box: Sandbox,
  words: readonly string[],
  answers: readonly (readonly [question: string, keys: string])[],
): Promise<{ readonly status: number | null; readonly text: string }> {
  const command = [process.execPath, join(inject("bundle"), "plugin.js"), ...words]
    .map((word) => `'${word}'`)
    .join(" ");
  const child = spawn(TERMINAL, ["--quiet", "--return", "--flush", "--command", `exec ${command}`, "/dev/null"], {
    cwd: box.files.path("work"),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: box.files.directory,
      PLUGSMITH_HOME: box.home,
      PLUGSMITH_AGENTS: "off",
      TERM: "xterm",
      SHELL: "/bin/sh",
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let text = "";
  let from = 0;
  const waiting = [...answers];
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    const next = waiting[0];
    const found = next === undefined ? -1 : text.indexOf(next[0], from);
    if (next === undefined || found < 0) return;
    from = found + next[0].length;
    waiting.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve, reject) => {
    child.once("error", (error) =>
      reject(new Error("`script` of util-linux is needed to give the program a terminal", { cause: error })),
    );
    child.once("close", (status) => resolve({ status, text }));
  });
}

function withHooked(): Sandbox {
  const box = sandbox();
  expect(box.run(["marketplace", "add", box.market("acme", { hooked: { files: HOOK } })]).status).toBe(0);
  return box;
}

const plugins = (box: Sandbox): unknown => box.json(["list"]).document["plugins"];

describe("questions at a terminal", () => {
  it("are about the plan first and about what executes second", async () => {
    using box = withHooked();
    const run = await onTerminal(
      box,
      ["add", "hooked@acme"],
      [
        [PLAN, "y\r"],
        [CONSENT, "y\r"],
      ],
    );
    expect(run.status).toBe(0);
    expect(run.text.indexOf(PLAN)).toBeLessThan(run.text.indexOf("can run programs on this machine as you"));
    expect(plugins(box)).toHaveLength(1);
  });

  const refusals: readonly (readonly [string, readonly string[], readonly (readonly [string, string])[], number])[] = [
    ["no to the plan", [], [[PLAN, "n\r"]], 1],
    ["the enter key alone", [], [[PLAN, "\r"]], 1],
    [
      "no to what executes",
      [],
      [
        [PLAN, "y\r"],
        [CONSENT, "n\r"],
      ],
      3,
    ],
    ["no to what executes after --yes, which does not answer it", ["--yes"], [[CONSENT, "n\r"]], 3],
    ["the end of input", ["--yes"], [[CONSENT, "\u0004"]], 3],
    ["Ctrl-C", ["--yes"], [[CONSENT, "\u0003"]], 130],
  ];
  it.each(refusals)("take %s as a refusal that changes nothing", async (_name, flags, answers, exit) => {
    using box = withHooked();
    const run = await onTerminal(box, ["add", "hooked@acme", ...flags], answers);
    expect({ status: run.status, text: run.text }).toMatchObject({ status: exit });
    expect(plugins(box)).toEqual([]);
    // Nothing was recorded: without a terminal it is still refused.
    expect(box.run(["add", "hooked@acme"]).status).toBe(3);
  });
});
