import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { openProcesses, type OpenProcesses } from "../../../core/platform/processes.ts";
import type { PluginInfo, Processes, ProcessRequest, RunningProcess } from "../../../plugin-api/index.ts";
import type { AuditRecord } from "../../../plugin-api/service-contracts.ts";
import type { Decide } from "../../../schemas/policy.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

/** The service of processes for one test, with what it recorded; everything it started ends with the test. */
export interface ProcessBench extends AsyncDisposable {
  readonly home: TemporaryHome;
  readonly opened: OpenProcesses;
  readonly audit: readonly AuditRecord[];
  readonly failures: readonly string[];
  processes(asking?: PluginInfo, signal?: AbortSignal): Processes;
  /** Starts a shell script of the plugin. */
  shell(script: string, more?: Partial<ProcessRequest>): RunningProcess;
}

/** A plugin in the temporary folder of a test. */
export function pluginAt(home: TemporaryHome, more: Partial<PluginInfo> = {}): PluginInfo {
  return {
    id: "fmt@acme",
    name: "fmt",
    version: "1.0.0",
    tier: "installed",
    directory: home.path("plugin"),
    dataDirectory: home.path("data"),
    ...more,
  };
}

/** Opens the service. */
export function processBench({
  decide = () => ({ allowed: true }),
  trusted = false,
}: { readonly decide?: Decide; readonly trusted?: boolean } = {}): ProcessBench {
  const home = temporaryHome();
  const audit: AuditRecord[] = [];
  const failures: string[] = [];
  const opened = openProcesses({
    decide,
    workspace: { trusted, projectDirectory: home.path("project") },
    audit: { append: (record) => void audit.push(record), heads: () => [] },
    failed: (plugin, error) => void failures.push(`${plugin}: ${String(error)}`),
  });
  const plugin = pluginAt(home);
  const processes = (asking: PluginInfo = plugin, signal?: AbortSignal): Processes =>
    // The service is opened as the host opens it.
    opened.service.open(asking, signal) as Processes;
  return {
    home,
    opened,
    audit,
    failures,
    processes,
    shell: (script, more = {}) =>
      processes().start({
        plugin,
        purpose: "test",
        command: "sh",
        args: ["-c", script],
        directory: home.directory,
        environment: { PATH: "/usr/bin:/bin" },
        ...more,
      }),
    [Symbol.asyncDispose]: async () => {
      await opened.dispose();
      home[Symbol.dispose]();
    },
  };
}

/** Everything that a program writes, once it is over. */
export async function outputOf(running: RunningProcess): Promise<string> {
  let text = "";
  running.onOutput((chunk) => (text += Buffer.from(chunk).toString()));
  await running.ended;
  return text;
}

/** The first line that a program writes; the program goes on. */
export function firstLine(running: RunningProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    running.onOutput((chunk) => {
      text += Buffer.from(chunk).toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    running.ended.then(() => resolve(text), reject);
  });
}

/** Whether a process still runs; one that waits to be collected does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== "linux") return true;
    const line = readFileSync(`/proc/${pid}/stat`, "latin1");
    return line[line.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
}

/** Waits until none of the processes runs; `false` when one still does after the time. */
export async function areGone(pids: readonly number[], withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (pids.some(isRunning)) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
