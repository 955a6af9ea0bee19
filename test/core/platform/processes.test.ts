import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { ProcessRequest } from "../../../plugin-api/index.ts";
import { processTable } from "../../../core/platform/process-table.ts";
import type { Decide } from "../../../schemas/policy.ts";
import { areGone, firstLine, isRunning, outputOf, pluginAt, processBench } from "./process-fixture.ts";

const HOST = fileURLToPath(new URL("process-host-child.ts", import.meta.url));
/** A grandchild that ignores polite signals and keeps the pipes open. */
const STUBBORN = `sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' &`;
const denyFmt: Decide = (subject) =>
  subject.kind === "process" && subject.id === "fmt@acme"
    ? {
        allowed: false,
        reason: "this rule blocks the plugin",
        rule: { key: "enabledPlugins", file: "/etc/m.json", line: 3 },
      }
    : { allowed: true };

describe("a process", () => {
  it("gets its input, arguments and directory, and streams what it writes", async () => {
    await using bench = processBench();
    const running = bench.shell('read -r line; echo "$line|$0|$1|$PWD"; echo bad >&2; exit 3', {
      args: ["-c", 'read -r line; echo "$line|$0|$1|$PWD"; echo bad >&2; exit 3', "zero", "a b"],
    });
    let error = "";
    running.onErrorOutput((chunk) => (error += Buffer.from(chunk).toString()));
    running.write("hello\n");
    running.endInput();
    expect(await outputOf(running)).toBe(`hello|zero|a b|${bench.home.directory}\n`);
    expect([await running.ended, error]).toEqual([{ code: 3, signal: undefined }, "bad\n"]);
  });

  it("sees exactly the environment that was given, and the marker of a session", async () => {
    await using bench = processBench();
    const running = bench.shell("", { command: "env", args: [], environment: { PATH: "/usr/bin:/bin", A: "b" } });
    expect((await outputOf(running)).trim().split("\n").sort()).toEqual([
      "A=b",
      "PATH=/usr/bin:/bin",
      expect.stringMatching(/^PLUGSMITH_PROCESS=[\w-]{36}\.1$/u),
      "PLUGSMITH_SESSION=1",
    ]);
  });

  it("takes no input that it does not want", async () => {
    await using bench = processBench();
    const ignored = bench.shell("cat; echo done", { stdin: "ignore" });
    ignored.write("x");
    expect(await outputOf(ignored)).toBe("done\n");
    const gone = bench.shell("exec 0<&-; sleep 0.1; echo done");
    for (let count = 0; count < 50; count += 1) gone.write("x".repeat(100_000));
    expect([await outputOf(gone), bench.failures]).toEqual(["done\n", []]);
  });

  it("is told apart from a listener that throws", async () => {
    await using bench = processBench();
    const running = bench.shell("echo one");
    running.onOutput(() => {
      throw new Error("listener");
    });
    expect(await outputOf(running)).toBe("one\n");
    expect(bench.failures).toEqual(["fmt@acme: Error: listener"]);
  });

  it("has ended when it is over, though what it left behind holds its pipes", async () => {
    await using bench = processBench();
    const running = bench.shell("sleep 300 & echo $!; echo over");
    const [pid = ""] = (await outputOf(running)).split("\n");
    expect([await running.ended, isRunning(Number(pid))]).toEqual([{ code: 0, signal: undefined }, true]);
    await running.stop();
    expect(await areGone([Number(pid)], 5_000)).toBe(true);
  });

  const unstartable: Readonly<Record<string, Partial<ProcessRequest> & { readonly says: string }>> = {
    "a name that nothing has": { command: "no-such-program", says: "no folder on `PATH` has it" },
    "a file that is absent": { command: "/no/such/file", says: "no such file" },
    "a directory that is absent": { directory: "/no/such/directory", says: "does not exist" },
    "a file that may not be executed": { command: "./plain", says: "it may not be executed" },
    "an interpreter that is absent": { command: "./orphan", says: "interpreter" },
    "a path out of the plugin": { command: "../outside", says: "outside the plugin's folder" },
    "an argument with a NUL character": { args: ["a\0b"], says: "null bytes" },
    "an empty name": { command: "", says: "its name is empty" },
  };
  for (const [name, { says, ...request }] of Object.entries(unstartable)) {
    it(`with ${name} ends with E_PROCESS that says so`, async () => {
      await using bench = processBench();
      bench.home.write("plugin/plain", "text");
      chmodSync(bench.home.write("plugin/orphan", "#!/no/such/interpreter\n"), 0o755);
      const running = bench.shell("true", request);
      await expect(running.ended).rejects.toMatchObject({
        code: "E_PROCESS",
        message: expect.stringContaining(says),
        hint: expect.stringMatching(/./u),
      });
      expect(running.pid).toBeNaN();
      expect(bench.audit.map(({ outcome }) => outcome)).toEqual(["allowed", "failed"]);
      await running.stop();
    });
  }
});

describe("the end of a process", () => {
  it("is polite first", async () => {
    await using bench = processBench();
    const running = bench.shell('trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.05; done');
    await firstLine(running);
    const output = outputOf(running);
    await running.stop();
    expect([await output, await running.ended]).toEqual(["bye\n", { code: 7, signal: undefined }]);
  });

  it("PR08: reaches a stubborn grandchild, and one in a session of its own", async () => {
    await using bench = processBench();
    const running = bench.shell(`${STUBBORN} one=$!; setsid sleep 300 & echo $one $!; trap "" TERM; wait; wait`);
    const pids = (await firstLine(running)).split(" ").map(Number);
    await running.stop(100);
    expect((await running.ended).signal).toBe("SIGKILL");
    expect(await areGone(pids, 2_000)).toBe(true);
  });

  it("comes with its signal, with its plugin and with the host", async () => {
    await using bench = processBench();
    const own = new AbortController();
    const plugin = new AbortController();
    const request = (signal?: AbortSignal): ProcessRequest => ({
      plugin: pluginAt(bench.home),
      purpose: "test",
      command: "sleep",
      args: ["300"],
      directory: "/",
      environment: { PATH: "/usr/bin:/bin" },
      signal,
    });
    const first = bench.shell("sleep 300", { signal: own.signal });
    const second = bench.processes(pluginAt(bench.home), plugin.signal).start(request());
    const third = bench.processes().start(request());
    const fourth = bench.processes().start({ ...request(), plugin: pluginAt(bench.home, { id: "other@acme" }) });
    own.abort();
    expect((await first.ended).signal).toBe("SIGTERM");
    plugin.abort();
    expect((await second.ended).signal).toBe("SIGTERM");
    expect(() => bench.processes(pluginAt(bench.home), plugin.signal).start(request())).toThrow(/aborted/u);
    await bench.opened.stopFor("fmt@acme");
    expect([(await third.ended).signal, isRunning(fourth.pid)]).toEqual(["SIGTERM", true]);
    await bench.opened.dispose();
    expect((await fourth.ended).signal).toBe("SIGTERM");
    expect(() => bench.processes().start(request())).toThrow(/host is closing/u);
  });

  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    it(`PR07, PR08: comes within 5 s after a ${signal} of the host, for all that it started`, async () => {
      const host = spawn(
        process.execPath,
        [
          "--conditions=source",
          HOST,
          `trap "" TERM; ${STUBBORN} echo $!; wait; wait`,
          "setsid sleep 300 & echo $!; sleep 300",
          "sleep 300 & echo $!",
        ],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      const line = await new Promise<string>((resolve) => {
        host.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
      });
      const pids = line.trim().split(" ").map(Number);
      expect(pids).toHaveLength(6);
      const left = pids.filter((pid) => isRunning(pid));
      expect(left).toHaveLength(5);
      host.kill(signal);
      expect(await areGone(left, 5_000)).toBe(true);
    });
  }
});

describe("the watcher of a host", () => {
  it("is started again when somebody ends it", async () => {
    const host = spawn(process.execPath, ["--conditions=source", HOST, "sleep 300 & echo $!"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const line = await new Promise<string>((resolve) => {
      host.stdout.once("data", (chunk: Buffer) => resolve(chunk.toString()));
    });
    const left = Number(line.split(" ")[1]);
    const watcher = async (): Promise<number | undefined> =>
      (await processTable()).find(({ parent, pid }) => parent === host.pid && pid !== left)?.pid;
    const first = await watcher();
    expect(first).toBeDefined();
    process.kill(first ?? Number.NaN, "SIGKILL");
    await expect.poll(watcher, { timeout: 10_000 }).toSatisfy((pid) => pid !== undefined && pid !== first);
    host.kill("SIGKILL");
    expect(await areGone([left], 5_000)).toBe(true);
  });
});

describe("before a process is started", () => {
  it("policy is asked, and its refusal is recorded and names the rule", async () => {
    await using bench = processBench({ decide: denyFmt });
    expect(() => bench.shell("true")).toThrow(
      expect.objectContaining({ code: "E_SOURCE_BLOCKED", where: "/etc/m.json:3" }),
    );
    expect(bench.audit).toMatchObject([{ action: "process start", subject: "fmt@acme", outcome: "denied" }]);
    const other = pluginAt(bench.home, { id: "other@acme" });
    expect(() => bench.shell("true", { plugin: other })).toThrow(/policy does not allow/u);
  });

  it("what a repository brings needs a trusted workspace, whoever asks", async () => {
    await using bench = processBench();
    const project = pluginAt(bench.home, { id: "skills@project", tier: "loose" });
    const refusal = expect.objectContaining({ code: "E_TRUST" });
    expect(() => bench.shell("true", { plugin: project })).toThrow(refusal);
    const request = { plugin: pluginAt(bench.home), purpose: "t", command: "true", args: [], directory: "/" };
    expect(() => bench.processes(project).start({ ...request, environment: {} })).toThrow(refusal);
    const user = pluginAt(bench.home, { id: "skills@user", tier: "loose" });
    expect((await bench.shell("true", { plugin: user }).ended).code).toBe(0);
    await using trusting = processBench({ trusted: true });
    expect((await trusting.shell("true", { plugin: project }).ended).code).toBe(0);
  });

  it("PR15: a program of an untrusted workspace is passed over on PATH, and so are relative folders", async () => {
    await using bench = processBench();
    await using trusting = processBench({ trusted: true });
    for (const { home } of [bench, trusting]) {
      for (const file of ["project/bin/sh", "project/bin/evil"]) {
        chmodSync(home.write(file, "#!/bin/sh\necho evil\n"), 0o755);
      }
      mkdirSync(home.path("plugin"));
    }
    const start = ({ home, shell }: typeof bench, command: string, path: string) =>
      shell("echo good", {
        command,
        directory: home.path("project"),
        environment: { PATH: path.replace("PROJECT", home.path("project")) },
      });
    expect(await outputOf(start(bench, "sh", "PROJECT/bin:/usr/bin:/bin"))).toBe("good\n");
    expect(await outputOf(start(bench, "sh", "bin::.:/usr/bin:/bin"))).toBe("good\n");
    symlinkSync(bench.home.path("project/bin"), bench.home.path("link"));
    expect(await outputOf(start(bench, "sh", `${bench.home.path("link")}:/usr/bin:/bin`))).toBe("good\n");
    await expect(start(bench, "evil", "PROJECT/bin:/bin").ended).rejects.toThrow(/nobody trusts has it/u);
    expect(await outputOf(start(trusting, "sh", "PROJECT/bin:/usr/bin:/bin"))).toBe("evil\n");
  });

  it("the audit log knows the command without its secrets", async () => {
    await using bench = processBench();
    const asking = pluginAt(bench.home, { id: "mcp-bridge@builtin", tier: "builtin" });
    const running = bench.processes(asking).start({
      plugin: pluginAt(bench.home),
      purpose: "MCP server files",
      command: "true",
      args: ["--api-key", "canary", "--url=https://u:canary@h/?token=canary", "TOKEN=canary", "pass the x-canary-x"],
      secrets: ["x-canary-x"],
      directory: "/",
      environment: { PATH: "/usr/bin:/bin", SECRET: "canary" },
    });
    await running.ended;
    expect(JSON.stringify(bench.audit)).not.toContain("canary");
    expect(bench.audit).toMatchObject([
      {
        action: "process start",
        subject: "fmt@acme",
        outcome: "allowed",
        detail: { purpose: "MCP server files", command: "true", by: "mcp-bridge@builtin" },
      },
    ]);
  });

  it("nothing runs that cannot be recorded", async () => {
    await using bench = processBench();
    const { home } = bench;
    const file = home.path("ran");
    const { openProcesses } = await import("../../../core/platform/processes.ts");
    const opened = openProcesses({
      decide: () => ({ allowed: true }),
      workspace: { trusted: true, projectDirectory: home.directory },
      audit: {
        append: () => {
          throw new Error("disk full");
        },
        heads: () => [],
      },
      failed: () => undefined,
    });
    const processes = opened.service.open(pluginAt(home), undefined) as ReturnType<typeof bench.processes>;
    const request = { plugin: pluginAt(home), purpose: "t", command: "touch", args: [file], directory: "/" };
    expect(() => processes.start({ ...request, environment: { PATH: "/usr/bin:/bin" } })).toThrow("disk full");
    await opened.dispose();
  });
});
