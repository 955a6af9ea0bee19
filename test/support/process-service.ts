import { spawn } from "node:child_process";
import type { Processes, ProcessRequest, RunningProcess } from "../../plugin-api/index.ts";

/** Starts programs without policy or trust, each in a group of its own, and remembers what was started. */
export class ProcessService implements Processes, AsyncDisposable {
  readonly started: ProcessRequest[] = [];
  readonly #running = new Set<RunningProcess>();

  get running(): number {
    return this.#running.size;
  }

  start(request: ProcessRequest): RunningProcess {
    this.started.push(request);
    const child = spawn(request.command, request.args, {
      cwd: request.directory,
      env: { ...request.environment },
      stdio: [request.stdin ?? "pipe", "pipe", "pipe"],
      detached: true,
    });
    const ended = Promise.withResolvers<{ code: number | undefined; signal: string | undefined }>();
    const kill = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    child.on("error", (error) =>
      ended.reject(new Error(`\`${request.command}\` could not be started: ${error.message}`)),
    );
    child.on("close", (code, signal) => ended.resolve({ code: code ?? undefined, signal: signal ?? undefined }));
    // What is written to a program that went away is lost; that it ended is told by `ended`.
    child.stdin?.on("error", () => undefined);
    ended.promise.catch(() => undefined);
    request.signal?.addEventListener("abort", () => kill("SIGKILL"), { once: true });
    const running: RunningProcess = {
      pid: child.pid ?? 0,
      write: (data) => void child.stdin?.write(data),
      endInput: () => void child.stdin?.end(),
      onOutput: (listener) => void child.stdout?.on("data", listener),
      onErrorOutput: (listener) => void child.stderr?.on("data", listener),
      ended: ended.promise,
      stop: async (graceMs = 2_000) => {
        kill("SIGTERM");
        const timer = setTimeout(() => kill("SIGKILL"), graceMs);
        await ended.promise.catch(() => undefined);
        clearTimeout(timer);
      },
    };
    this.#running.add(running);
    ended.promise.catch(() => undefined).finally(() => this.#running.delete(running));
    return running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.stop(0)));
  }
}
