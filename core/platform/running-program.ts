import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessEnd, ProcessRequest, RunningProcess } from "../../plugin-api/services/processes.ts";
import { familyOf, processTable } from "./process-table.ts";
import { markedProcesses } from "./process-mark.ts";
import type { ProcessWatcher } from "./process-watcher.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** How a program is run. */
export interface ProgramOptions {
  readonly request: ProcessRequest;
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Which everything that it starts inherits. */
  readonly mark: string | undefined;
  readonly watcher: ProcessWatcher;
  /** The error for what the operating system answers. */
  readonly failure: (cause: unknown) => Error;
  /** A listener of the caller threw, or the system did not tell what runs. */
  readonly listenerFailed: (error: unknown) => void;
}

const GRACE_MS = 2_000;
/** After the end of a program whose pipes somebody else holds open: how long nothing has to come, and how long that may take. */
const QUIET_MS = 200;
const DRAIN_MS = 2_000;
const FIRST_SWEEP_MS = 1_000;
const LONGEST_SWEEP_MS = 30_000;
const LONGEST_LOOK_MS = 100;

/** A program in a process group of its own. */
export class RunningProgram implements RunningProcess {
  readonly pid: number;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #options: ProgramOptions;
  readonly #output = new Set<(chunk: Uint8Array) => void>();
  readonly #errorOutput = new Set<(chunk: Uint8Array) => void>();
  readonly #retired = Promise.withResolvers<void>();
  readonly #closed: Promise<void>;
  #isGone = false;
  #lastChunkAt = 0;

  /** Starts it; the watcher has to be ready. */
  constructor(options: ProgramOptions) {
    const { request, file, environment, watcher } = options;
    this.#options = options;
    const child = spawn(file, [...request.args], {
      cwd: request.directory,
      env: { ...environment },
      detached: process.platform !== "win32",
      stdio: [request.stdin === "ignore" ? "ignore" : "pipe", "pipe", "pipe"],
      windowsHide: true,
      // The types know one combination of pipes at a time; a standard input that is ignored is `null`.
    }) as ChildProcessWithoutNullStreams;
    this.#child = child;
    this.pid = child.pid ?? Number.NaN;
    if (child.pid === undefined) this.#retire();
    else watcher.add(child.pid);
    child.stdout.on("data", (chunk: Uint8Array) => this.#deliver(this.#output, chunk));
    child.stderr.on("data", (chunk: Uint8Array) => this.#deliver(this.#errorOutput, chunk));
    for (const stream of [child.stdout, child.stderr]) stream.on("error", options.listenerFailed);
    this.#input?.on("error", (error: unknown) => {
      // It closed its input or ended: how it ended is told by `ended`.
      if (!isSystemError(error) || (error.code !== "EPIPE" && error.code !== "ECONNRESET")) {
        options.listenerFailed(error);
      }
    });
    this.#closed = new Promise((resolve) => child.once("close", () => resolve()));
    this.ended = this.#whenEnded();
    // Whoever does not ask how it ended is not told.
    this.ended.catch(() => undefined);
    child.once("exit", () => this.#sweeping());
  }

  /** Resolves when neither the program nor any member of its group runs. */
  get retired(): Promise<void> {
    return this.#retired.promise;
  }

  write(data: string | Uint8Array): void {
    if (this.#input?.writable === true) this.#input.write(data);
  }

  endInput(): void {
    this.#input?.end();
  }

  onOutput(listener: (chunk: Uint8Array) => void): void {
    this.#output.add(listener);
  }

  onErrorOutput(listener: (chunk: Uint8Array) => void): void {
    this.#errorOutput.add(listener);
  }

  async stop(graceMs: number = GRACE_MS): Promise<void> {
    if (this.#isGone) return;
    const family = new Set(await this.#family());
    if (this.#isGone) return;
    this.#signal("SIGTERM", family);
    const deadline = performance.now() + graceMs;
    for (let waitMs = 5; await this.#isRunning(family); waitMs = Math.min(waitMs * 2, LONGEST_LOOK_MS)) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) {
        for (const pid of await this.#family()) family.add(pid);
        this.#signal("SIGKILL", family);
        break;
      }
      await sleep(Math.min(waitMs, leftMs));
    }
    await Promise.race([this.#closed, sleep(QUIET_MS)]);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    await this.ended.catch(() => undefined);
    this.#retire();
  }

  /** `null` where it was ignored, whatever the type says. */
  get #input(): ChildProcessWithoutNullStreams["stdin"] | undefined {
    return this.#child.stdin ?? undefined;
  }

  #deliver(listeners: ReadonlySet<(chunk: Uint8Array) => void>, chunk: Uint8Array): void {
    this.#lastChunkAt = performance.now();
    for (const listener of listeners) {
      try {
        listener(chunk);
      } catch (error) {
        this.#options.listenerFailed(error);
      }
    }
  }

  #whenEnded(): Promise<ProcessEnd> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      child.once("error", (error) => {
        // Node also reports a failed `kill` here; a program that runs goes on.
        if (child.pid === undefined) reject(this.#options.failure(error));
        else this.#options.listenerFailed(error);
      });
      const end = (code: number | null, signal: string | null): void => {
        resolve({ code: code ?? undefined, signal: signal ?? undefined });
      };
      child.once("close", end);
      child.once("exit", (code, signal) => {
        void this.#drained().then(() => end(code, signal));
      });
    });
  }

  /** What the program started may keep its pipes open for ever; what it wrote itself has come when nothing more comes. */
  async #drained(): Promise<void> {
    const exitedAt = performance.now();
    do await sleep(QUIET_MS, undefined, { ref: false });
    while (performance.now() - this.#lastChunkAt < QUIET_MS && performance.now() - exitedAt < DRAIN_MS);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if ("unref" in stream && typeof stream.unref === "function") stream.unref();
    }
  }

  /** Looks, ever more rarely, until the group is empty: until then its number cannot come to mean another one. */
  async #sweep(nextMs: number = FIRST_SWEEP_MS): Promise<void> {
    if (this.#isGone) return;
    const isLeft = this.#groupExists() && (await this.#isRunning(new Set()));
    if (!isLeft) return this.#retire();
    setTimeout(() => this.#sweeping(Math.min(nextMs * 2, LONGEST_SWEEP_MS)), nextMs).unref();
  }

  #sweeping(nextMs?: number): void {
    this.#sweep(nextMs).catch(this.#options.listenerFailed);
  }

  #retire(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    if (!Number.isNaN(this.pid)) this.#options.watcher.remove(this.pid);
    this.#retired.resolve();
  }

  #groupExists(): boolean {
    if (process.platform === "win32") return this.#child.exitCode === null && this.#child.signalCode === null;
    try {
      return process.kill(-this.pid, 0);
    } catch (error) {
      // EPERM: a member runs as somebody else.
      return isSystemError(error) && error.code === "EPERM";
    }
  }

  async #family(): Promise<ReadonlySet<number>> {
    if (process.platform === "win32") return new Set();
    const { mark } = this.#options;
    return familyOf(this.pid, await processTable(), mark === undefined ? [] : markedProcesses(mark));
  }

  async #isRunning(family: ReadonlySet<number>): Promise<boolean> {
    if (process.platform === "win32") return this.#groupExists();
    const rows = await processTable();
    return rows.some(({ pid, group }) => group === this.pid || family.has(pid));
  }

  #signal(signal: NodeJS.Signals, family: ReadonlySet<number>): void {
    if (process.platform === "win32") return void this.#child.kill(signal);
    for (const target of [-this.pid, ...family]) {
      try {
        process.kill(target, signal);
      } catch (error) {
        // It is gone already, or became somebody else's.
        if (!isSystemError(error) || (error.code !== "ESRCH" && error.code !== "EPERM")) throw error;
      }
    }
  }
}
