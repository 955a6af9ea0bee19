import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

interface Running extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly lines: readonly string[];
  readonly errors: () => string;
}

/** The host of `wild-host-child.ts` in a process of its own. */
function host(...args: readonly string[]): Running {
  const script = join(import.meta.dirname, "wild-host-child.ts");
  const child = spawn(process.execPath, ["--conditions=source", "--inspect-port=0", script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => lines.push(...text.split("\n").filter(Boolean)));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return {
    child,
    lines,
    errors: () => errors,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      const home = lines.find((line) => line.startsWith("home "))?.slice("home ".length);
      if (home !== undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** All processes below one, as the kernel of Linux tells. */
function descendants(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${String(pid)}/task`).flatMap((thread) =>
    readFileSync(`/proc/${String(pid)}/task/${thread}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number),
  );
  return [...children, ...children.flatMap(descendants)];
}

describe("the process of a host", () => {
  it("takes its plugins' processes with it when it is killed, busy or not", async () => {
    await using running = host();
    await expect.poll(() => running.lines, { timeout: 20_000 }).toContain("ready");
    const below = descendants(running.child.pid!);
    const commands = below.map((pid) => readFileSync(`/proc/${String(pid)}/cmdline`, "utf8"));
    expect(commands.filter((command) => command.includes("--permission")).length).toBeGreaterThan(0);
    running.child.kill("SIGKILL");
    await expect
      .poll(() => below.filter((pid) => existsSync(`/proc/${String(pid)}/root`) && isAlive(pid)), { timeout: 5_000 })
      .toEqual([]);
  });

  it("does not open its inspector on a signal", async () => {
    await using running = host();
    await expect.poll(() => running.lines, { timeout: 20_000 }).toContain("ready");
    running.child.kill("SIGUSR1");
    await expect.poll(() => running.lines, { timeout: 10_000 }).toContain("noticed");
    expect(running.errors()).not.toContain("Debugger");
  });

  it("ends by itself once its plugins are disposed", async () => {
    await using running = host("once");
    const [code] = (await once(running.child, "exit")) as [number | null];
    expect([code, running.lines.at(-1), running.errors()]).toEqual([0, `hello ${process.version}`, ""]);
  });
});

/** A process that ended and that nobody waited for is not alive. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/mu.test(readFileSync(`/proc/${String(pid)}/status`, "utf8"));
  } catch {
    return false;
  }
}
