import { spawn } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import type { Processes, ProcessEnd, ProcessRequest, RunningProcess } from "../../plugin-api/index.ts";

/** Starts programs in groups of their own, without policy, trust or audit. */
export const plainProcesses: Processes = { start };

function start(request: ProcessRequest): RunningProcess {
  const { command, args, directory, environment, signal, stdin = "pipe" } = request;
  const child = spawn(command, args, {
    cwd: directory,
    env: environment,
    stdio: [stdin, "pipe", "pipe"],
    detached: true,
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<ProcessEnd>();
  child.on("error", reject);
  child.on("close", (code, name) => resolve({ code: code ?? undefined, signal: name ?? undefined }));
  const kill = (name: NodeJS.Signals): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      // The group is gone.
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  };
  const stop = async (graceMs = 2000): Promise<void> => {
    kill("SIGTERM");
    const hard = new AbortController();
    const timer = pause(graceMs, undefined, { signal: hard.signal }).then(
      () => kill("SIGKILL"),
      () => undefined,
    );
    await ended.catch(() => undefined);
    hard.abort();
    await timer;
  };
  const abort = (): void => void stop();
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted === true) abort();
  return {
    pid: child.pid ?? 0,
    write: (data) => void child.stdin?.write(data),
    endInput: () => void child.stdin?.end(),
    onOutput: (listener) => void child.stdout?.on("data", listener),
    onErrorOutput: (listener) => void child.stderr?.on("data", listener),
    ended: ended.finally(() => signal?.removeEventListener("abort", abort)),
    stop,
  };
}
