import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { HostPlugin } from "../../../core/host-plugin.ts";
import { openProcesses } from "../../../core/platform/processes.ts";
import {
  contextTexts,
  directoryChanged,
  settingsService,
  shellVariables,
  toolPoint,
  workspaceService,
  type Invoked,
  type ToolResult,
} from "../../../plugin-api/index.ts";
import { MemorySession } from "../../support/memory-session.ts";
import { MemorySettings } from "../../support/memory-settings.ts";
import { builtins, codePlugin, hostService, testHost } from "../../support/test-host.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { allowAll, callTool, textOf, toolPointOwner } from "../../support/tool-caller.ts";

async function shellHost(plugins: readonly HostPlugin[] = [], environment: Readonly<Record<string, string>> = {}) {
  const project = temporaryHome();
  const top = realpathSync(project.directory);
  mkdirSync(`${top}/work/sub`, { recursive: true });
  mkdirSync(`${top}/added`);
  const directory = `${top}/work`;
  const workspace = {
    directory,
    projectDirectory: directory,
    homeDirectory: top,
    plugsmithHome: `${top}/.plugsmith`,
    trusted: true,
    environment: { PATH: process.env["PATH"] ?? "", ...environment },
  };
  const settings = new MemorySettings([
    { layer: "user", file: "/user.json", values: { permissions: { additionalDirectories: ["../added"] } } },
  ]);
  const processes = openProcesses({
    decide: () => ({ allowed: true }),
    workspace,
    audit: { append: () => undefined, heads: () => [] },
    failed: (_plugin, error) => {
      throw error;
    },
  });
  const test = await testHost(
    (home) => [toolPointOwner(), allowAll(), ...builtins(["background-tasks", "shell-tool"], home), ...plugins],
    {
      services: [processes.service, hostService(workspaceService, workspace), hostService(settingsService, settings)],
    },
  );
  const session = new MemorySession({ directory });
  const call = (input: unknown, tool = "Bash", signal?: AbortSignal): Promise<Invoked<ToolResult>> =>
    callTool(test.host, session, tool, input, signal);
  return {
    test,
    session,
    project,
    top,
    call,
    run: async (command: string, more: Readonly<Record<string, unknown>> = {}) =>
      textOf(await call({ command, ...more })),
    [Symbol.asyncDispose]: async () => {
      await test[Symbol.asyncDispose]();
      await processes.dispose();
      project[Symbol.dispose]();
    },
  };
}

/** Looks again and again, but not for ever. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 1000; round += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it did not come about");
}

/** Whether a process runs; one that nobody has waited for yet does not. */
const isAlive = (pid: number): boolean => {
  const stat = `/proc/${String(pid)}/stat`;
  return existsSync(stat) && !/\) [ZX] /u.test(readFileSync(stat, "utf8"));
};

describe("Bash", () => {
  it("is announced in the manifest exactly as the code adds it", async () => {
    await using shell = await shellHost();
    const reader = await shell.test.host.frontend.read(toolPoint);
    const announced = reader.all().map(({ descriptor }) => descriptor);
    expect(announced.map(({ name }) => name)).toEqual(["TaskOutput", "TaskStop", "Bash"]);
    for (const id of ["background-tasks", "shell-tool"]) await shell.test.host.activate(`${id}@builtin`);
    expect(reader.all().map(({ descriptor }) => descriptor)).toEqual(announced);
  });

  const commands = [
    { name: "output", command: "echo hi", text: "hi" },
    { name: "both outputs in order", command: "echo a; echo b >&2; sleep 0.1; echo c", text: "a\nb\nc" },
    { name: "no output", command: "true", text: "(no output)" },
    { name: "several lines and quotes", command: "cat <<'EOF'\nit's \"x\" $HOME\nEOF", text: 'it\'s "x" $HOME' },
    { name: "a failure", command: "echo bad; exit 3", text: "bad\n(the command ended with exit code 3)" },
    { name: "a signal", command: "kill -9 $$", text: "(the command was ended by SIGKILL)" },
    { name: "empty standard input", command: "cat; echo end", text: "end" },
    { name: "colours left out", command: "printf '\\033[31mred\\033[0m\\n'", text: "red" },
    { name: "a language of bash", command: "a=(1 2); echo ${a[1]}", text: "2" },
  ];
  it.each(commands)("shows $name", async ({ command, text }) => {
    await using shell = await shellHost();
    expect(await shell.run(command)).toBe(text);
  });

  it("marks what failed as an error, with its code", async () => {
    await using shell = await shellHost();
    expect(await shell.call({ command: "exit 4" })).toMatchObject({
      output: { isError: true, structured: { code: 4 } },
    });
    expect(await shell.call({ command: "exit 0" })).toMatchObject({ output: { isError: false } });
  });

  it("keeps the working directory between calls and tells of its change", async () => {
    const moves: unknown[] = [];
    const watcher = codePlugin("watcher", { listens: [directoryChanged.key] }, (context) => {
      context.listen(directoryChanged, ({ from, to }) => void moves.push([from, to]));
    });
    await using shell = await shellHost([watcher]);
    await shell.run("cd sub");
    expect(await shell.run("pwd")).toBe(`${shell.top}/work/sub`);
    expect(moves).toEqual([[`${shell.top}/work`, `${shell.top}/work/sub`]]);
    await shell.run("cd ../../added && exit 1");
    expect(shell.session.directory).toBe(`${shell.top}/added`);
  });

  it("goes back to the project when a command left it, or removed where it was", async () => {
    await using shell = await shellHost();
    await shell.run("cd sub");
    expect(await shell.run("cd /; echo there")).toBe(
      `there\n(the working directory is \`${shell.top}/work\` again: \`/\` is outside the project)`,
    );
    expect(shell.session.directory).toBe(shell.session.projectDirectory);
    await shell.run("cd sub");
    await shell.run("rm -r ../sub");
    expect(await shell.run("pwd")).toBe(`${shell.top}/work`);
  });

  it("shows the ends of a long output and keeps all of it in a file", async () => {
    await using shell = await shellHost();
    const text = await shell.run("seq 1 20000");
    expect(text.length).toBeLessThan(32_000);
    expect(text).toMatch(/^1\n2\n/u);
    expect(text).toMatch(/\n20000$/u);
    const file = /all of it is in `(?<file>[^`]+)`/u.exec(text)?.groups?.["file"] ?? "";
    expect(file).toContain(shell.session.id);
    expect(readFileSync(file, "utf8")).toBe(Array.from({ length: 20_000 }, (_, at) => `${String(at + 1)}\n`).join(""));
  });

  it("ends a command that writes without end", async () => {
    await using shell = await shellHost();
    expect(await shell.run("yes 0123456789012345678901234567890123456789")).toContain("it wrote more than 64 MB");
  });

  it("ends a command after its timeout, with all that it started", async () => {
    await using shell = await shellHost();
    const text = await shell.run("sleep 600 & echo $!; wait", { timeout: 300 });
    expect(text).toContain("was ended after 0.3 s");
    expect(isAlive(Number.parseInt(text, 10))).toBe(false);
  });

  it("ends with its signal", async () => {
    await using shell = await shellHost();
    const stop = new AbortController();
    const running = shell.call({ command: "touch started; sleep 600" }, "Bash", stop.signal);
    await until(() => existsSync(`${shell.top}/work/started`));
    stop.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
  });

  it("does not wait for programs that a command leaves running", async () => {
    await using shell = await shellHost();
    expect(await shell.run("sleep 600 & cd sub; echo left")).toBe("left");
    expect(shell.session.directory).toBe(`${shell.top}/work/sub`);
  });

  it("refuses a timeout above the limit", async () => {
    await using shell = await shellHost();
    await expect(shell.run("true", { timeout: 600_001 })).rejects.toMatchObject({ code: "E_INPUT" });
  });

  it("has the person's environment, with the executables of plugins behind everything on PATH", async () => {
    const tools = codePlugin("tools", {}, () => undefined);
    const contributions = [
      { kind: "bin" as const, name: "greet", file: "bin/greet" },
      { kind: "bin" as const, name: "ls", file: "bin/ls" },
    ];
    using files = temporaryHome();
    files.write("bin/greet", "#!/bin/sh\necho hello from a plugin\n");
    files.write("bin/ls", "#!/bin/sh\necho not me\n");
    const plugin = {
      ...tools,
      info: { ...tools.info, directory: files.directory },
      manifest: { ...tools.manifest, contributions },
    };
    await using shell = await shellHost([plugin], { MINE: "mine" });
    await shell.run(`chmod +x ${files.path("bin/greet")} ${files.path("bin/ls")}`);
    expect(await shell.run('greet; ls -d sub; echo "$MINE"')).toBe("hello from a plugin\nsub\nmine");
  });

  const written = [
    { name: "a new file", command: "echo x > new.ts", files: ["new.ts"] },
    { name: "a changed file", command: "echo x >>old.ts", files: ["old.ts"] },
    { name: "a copy", command: "cp old.ts 'copy.ts'", files: ["copy.ts"] },
    { name: "a file that is only read", command: "cat old.ts", files: [] },
    { name: "a file that is removed", command: "rm old.ts", files: [] },
  ];
  it.each(written)("tells which files it has written: $name", async ({ command, files }) => {
    await using shell = await shellHost();
    shell.project.write("work/old.ts", "old");
    expect(await shell.call({ command })).toMatchObject({
      output: { touched: files.map((file) => `${shell.top}/work/${file}`) },
    });
  });
});

describe("variables that plugins collect for the shell", () => {
  const exporter = codePlugin("exporter", { listens: [shellVariables.key], activation: "startup" }, (context) => {
    context.listen(shellVariables, (collected) => ({
      ...collected,
      variables: { NODE_ENV: "test", HOME: null, PATH: "/first:/usr/bin:/bin", LD_PRELOAD: "/x.so", BASH_ENV: "/x" },
    }));
  });

  it("reach its commands, but for those that would change every program", async () => {
    await using shell = await shellHost([exporter], { HOME: "/home/me", LD_LIBRARY_PATH: "/mine" });
    const show = 'echo "$NODE_ENV ${HOME-gone} $PATH ${LD_PRELOAD-none} ${BASH_ENV-none} $LD_LIBRARY_PATH"';
    const shown = "test gone /first:/usr/bin:/bin none none /mine";
    expect(await shell.run(show)).toBe(shown);
    await shell.run(`${show} > shown`, { run_in_background: true });
    await shell.call({ task_id: "bash_1" }, "TaskOutput");
    expect(readFileSync(`${shell.top}/work/shown`, "utf8")).toBe(`${shown}\n`);
    expect(shell.test.warnings.filter((line) => line.includes("is left out"))).toHaveLength(2);
  });
});

describe("a command in the background", () => {
  it("shows its output piece by piece and tells once that it ended", async () => {
    await using shell = await shellHost();
    const started = await shell.run("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two; exit 3", {
      run_in_background: true,
    });
    expect(started).toContain("bash_1 runs in the background");
    let shown = "";
    await until(async () => {
      shown = textOf(await shell.call({ bash_id: "bash_1" }, "TaskOutput"));
      return shown.includes("one");
    });
    expect(shown).toBe("bash_1 still runs\none\n");
    await shell.run("touch go");
    const news: string[] = [];
    await until(async () => {
      const collected = { session: shell.session, reason: "prompt", texts: [] } as const;
      news.push(...(await shell.test.host.frontend.emit(contextTexts, collected)).texts);
      return textOf(await shell.call({ task_id: "bash_1", block: false }, "TaskOutput")).includes("ended");
    });
    expect(news.length).toBeLessThanOrEqual(1);
    for (const text of news) expect(text).toMatch(/^The background command bash_1 .* ended with exit code 3/u);
  });

  it("is told once that it ended, unless it was seen before", async () => {
    await using shell = await shellHost();
    const collect = async () => {
      const collected = { session: shell.session, reason: "prompt", texts: [] } as const;
      return (await shell.test.host.frontend.emit(contextTexts, collected)).texts;
    };
    await shell.run("exit 3", { run_in_background: true });
    const told: string[] = [];
    await until(async () => told.push(...(await collect())) > 0);
    expect(told).toEqual([
      expect.stringMatching(/^The background command bash_1 \(`exit 3`\) ended with exit code 3/u),
    ]);
    await shell.run("echo two", { run_in_background: true });
    expect(textOf(await shell.call({ task_id: "bash_2" }, "TaskOutput"))).toBe("bash_2 ended well\ntwo\n");
    expect(await collect()).toEqual([]);
  });

  it("writes to a file that Read can show, too", async () => {
    await using shell = await shellHost();
    const started = await shell.run("echo one", { run_in_background: true });
    await shell.call({ task_id: "bash_1" }, "TaskOutput");
    expect(readFileSync(/also in `(?<file>[^`]+)`/u.exec(started)?.groups?.["file"] ?? "", "utf8")).toBe("one\n");
  });

  it("is ended by TaskStop, with all that it started", async () => {
    await using shell = await shellHost();
    await shell.run("sleep 600 & echo $! > pid; wait", { run_in_background: true });
    await until(() => existsSync(`${shell.top}/work/pid`) && readFileSync(`${shell.top}/work/pid`, "utf8") !== "");
    expect(textOf(await shell.call({ task_id: "bash_1" }, "TaskStop"))).toBe("bash_1 was ended");
    expect(isAlive(Number(readFileSync(`${shell.top}/work/pid`, "utf8")))).toBe(false);
    expect(textOf(await shell.call({ task_id: "bash_1" }, "TaskStop"))).toContain("before");
  });

  it("belongs to its session", async () => {
    await using shell = await shellHost();
    await shell.run("sleep 600", { run_in_background: true });
    const other = new MemorySession({ directory: shell.session.directory });
    await expect(callTool(shell.test.host, other, "TaskOutput", { task_id: "bash_1" })).rejects.toThrow(
      "there is no background task `bash_1` in this session; there is none",
    );
  });

  const ends = [
    { name: "its session", end: (shell: Awaited<ReturnType<typeof shellHost>>) => shell.session.close() },
    { name: "the plugin", end: (shell: Awaited<ReturnType<typeof shellHost>>) => shell.test.host.dispose() },
  ];
  it.each(ends)("ends with $name", async ({ end }) => {
    await using shell = await shellHost();
    await shell.run("echo $$ > pid; exec sleep 600", { run_in_background: true });
    const file = `${shell.top}/work/pid`;
    await until(() => existsSync(file) && readFileSync(file, "utf8") !== "");
    await end(shell);
    const pid = Number(readFileSync(file, "utf8"));
    await until(() => !isAlive(pid));
  });
});
