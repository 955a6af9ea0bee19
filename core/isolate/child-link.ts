import { spawn, type ChildProcess } from "node:child_process";
import type { Duplex } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import {
  CancellationTokenSource,
  createMessageConnection,
  type CancellationToken,
  type Message,
  type MessageConnection,
} from "vscode-jsonrpc/node";
import type { Log } from "../../plugin-api/plugin.ts";
import { CodedError } from "../../schemas/errors.ts";
import { budgetError } from "../observe/budget-error.ts";
import { FrameReader, FrameWriter } from "./frame-channel.ts";
import type { ChildLimits } from "./limits.ts";
import { OutputDrain } from "./output-drain.ts";
import type { ChildNotices, ChildRequests, Envelope, HostNotices, HostRequests } from "./wire/messages.ts";
import { fromWire, toWire } from "./wire/remote-error.ts";

/** A program with its arguments and whole environment. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a link needs. */
export interface ChildLinkOptions {
  readonly plugin: string;
  readonly launch: Launch;
  readonly limits: ChildLimits;
  readonly log: Log;
  /** Called at most once, when the process ends and nobody asked it to. */
  readonly crashed: (error: CodedError) => void;
}

/** How long a request may take and what takes it back. */
export interface RequestOptions {
  readonly signal?: AbortSignal | undefined;
  readonly budgetMs?: number | undefined;
}

const CHANNEL = 3;
const SILENCES = 3;
const LAST_OUTPUT_MS = 100;
const CHANNEL_GRACE_MS = 1_000;

/** The process of one plugin and the line to it: whatever the process does, every request comes to an end. */
export class ChildLink {
  readonly #options: ChildLinkOptions;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #output: OutputDrain;
  #heartbeat: NodeJS.Timeout | undefined;
  readonly #waiting = new Set<(error: CodedError) => void>();
  readonly #gone = Promise.withResolvers<void>();
  #state: "running" | "ending" | "gone" = "running";
  #death: CodedError | undefined;
  #answersDue = 0;
  #openRequests = 0;
  #silences = 0;
  #secondStart = 0;
  #messages = 0;

  /** Starts the process. */
  constructor(options: ChildLinkOptions) {
    this.#options = options;
    const { launch, limits, log } = options;
    this.#child = spawn(launch.command, launch.args, {
      cwd: "/",
      // The channel that a forked Node looks for; the host's end is read by ourselves.
      env: { ...launch.environment, NODE_CHANNEL_FD: String(CHANNEL), NODE_CHANNEL_SERIALIZATION_MODE: "json" },
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      // A process group of its own: ended as one.
      detached: true,
    });
    this.#output = new OutputDrain(log, limits.outputBytes);
    this.#output.add("stdout", this.#child.stdout);
    this.#output.add("stderr", this.#child.stderr);
    // The fourth pipe is a socket, open in both directions.
    const channel = this.#child.stdio[CHANNEL] as Duplex;
    channel.on("error", () => this.#broken());
    channel.once("end", () => this.#broken());
    const violated = (reason: string): void => this.#kill(reason);
    const admit = (message: Message): boolean => this.#admit(message);
    this.#connection = createMessageConnection(
      new FrameReader(channel, { limits, admit, violated }),
      new FrameWriter(channel, { limits, violated }),
      // What it says is about single messages, which are dropped.
      { error: ignore, warn: ignore, info: ignore, log: ignore },
    );
    this.#connection.onError(() => this.#broken());
    this.#connection.onUnhandledNotification(ignore);
    this.#child.once("error", (error) => void this.#ended(`could not be started: ${error.message}`));
    this.#child.once("exit", (code, signal) => void this.#ended(`ended with ${signal ?? `code ${String(code)}`}`));
  }

  /** Asks from now on whether the process still listens. */
  watch(): void {
    if (this.#state !== "running") return;
    this.#heartbeat = setInterval(() => this.#beat(), this.#options.limits.heartbeatMs).unref();
  }

  /** Opens the line, after the handlers were set. */
  open(): void {
    this.#connection.listen();
  }

  /** Asks the plugin; `action` says what for in errors. Rejects with a `CodedError`, or with the reason of the signal. */
  async request<Method extends keyof HostRequests>(
    action: string,
    method: Method,
    params: HostRequests[Method],
    { signal, budgetMs = this.#options.limits.callMs }: RequestOptions = {},
  ): Promise<unknown> {
    signal?.throwIfAborted();
    if (this.#state === "gone") throw this.#stamped(action, this.#death);
    const source = new CancellationTokenSource();
    const { promise, reject } = Promise.withResolvers<never>();
    const die = (error: CodedError): void => reject(this.#stamped(action, error));
    const abort = (): void => reject(signal?.reason);
    const spent = (): void => reject(budgetError(this.#options.plugin, action, budgetMs));
    const timer = Number.isFinite(budgetMs) ? setTimeout(spent, budgetMs) : undefined;
    this.#waiting.add(die);
    signal?.addEventListener("abort", abort, { once: true });
    this.#answersDue += 1;
    let answered = false;
    try {
      const answer = this.#connection.sendRequest<Envelope | undefined>(method, params, source.token);
      const settled = answer.finally(() => (answered = true));
      return (await Promise.race([settled, promise]))?.value;
    } catch (error) {
      if (error instanceof CodedError || (signal?.aborted === true && error === signal.reason)) throw error;
      throw this.#stamped(action, error);
    } finally {
      // Without an answer somebody else ended the wait: the plugin is told.
      if (!answered) source.cancel();
      source.dispose();
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      this.#waiting.delete(die);
    }
  }

  /** Tells the plugin something. */
  tell<Method extends keyof HostNotices>(method: Method, params: HostNotices[Method]): void {
    if (this.#state !== "gone") this.#connection.sendNotification(method, params).catch(ignore);
  }

  /** Answers questions of the plugin; the parameters are as hostile as the plugin. */
  answer(method: keyof ChildRequests, work: (params: unknown, signal: AbortSignal) => unknown): void {
    this.#connection.onRequest(method, async (params: unknown, token: CancellationToken): Promise<Envelope> => {
      if (this.#openRequests >= this.#options.limits.openRequests) {
        throw toWire(new Error("the host works on too many requests of this plugin already"));
      }
      this.#openRequests += 1;
      const end = new AbortController();
      const cancelled = token.onCancellationRequested(() => end.abort());
      try {
        return { value: await work(params, end.signal) };
      } catch (error) {
        throw toWire(error);
      } finally {
        cancelled.dispose();
        this.#openRequests -= 1;
      }
    });
  }

  /** Hears what the plugin tells. */
  hear(method: keyof ChildNotices, listener: (params: unknown) => void): void {
    this.#connection.onNotification(method, listener);
  }

  /** Lets the plugin dispose itself within its time, then ends the process. Reports what failed in it. */
  async end(): Promise<void> {
    if (this.#state !== "running") return this.#gone.promise;
    this.#state = "ending";
    try {
      const failures = await this.request("dispose", "dispose", {}, { budgetMs: this.#options.limits.disposeMs });
      if (Array.isArray(failures))
        for (const failure of failures) this.#options.log.warn(`disposal: ${String(failure)}`);
    } catch (error) {
      this.#options.log.warn(error instanceof Error ? error.message : String(error));
    }
    this.#stop();
    await this.#gone.promise;
  }

  /** A process that ended says so itself, a little later. */
  #broken(): void {
    setTimeout(() => this.#kill("its channel broke"), CHANNEL_GRACE_MS).unref();
  }

  /** Ends the process as crashed. */
  #kill(reason: string): void {
    if (this.#state === "gone" || this.#death !== undefined) return;
    this.#death = this.#error(`was ended: ${reason}`);
    this.#stop();
  }

  /** The whole group; in a sandbox with processes of its own, those end with the first of them. */
  #stop(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // It ended in between; macOS says so in another way.
      if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    }
  }

  async #ended(how: string): Promise<void> {
    if (this.#state === "gone") return;
    const asked = this.#state === "ending";
    // The last lines say why; a process that handed its output on may keep it open for ever.
    if (!asked && this.#child.stderr?.closed === false) {
      const end = new AbortController();
      this.#child.once("close", () => end.abort());
      await pause(LAST_OUTPUT_MS, undefined, { signal: end.signal }).catch(ignore);
    }
    this.#state = "gone";
    clearInterval(this.#heartbeat);
    this.#death ??= this.#error(how);
    for (const reject of this.#waiting) reject(this.#death);
    this.#connection.dispose();
    this.#child.stdio[CHANNEL]?.destroy();
    this.#stop();
    this.#gone.resolve();
    if (!asked) this.#options.crashed(this.#death);
  }

  #beat(): void {
    this.#silences += 1;
    if (this.#silences > SILENCES) this.#kill("it does not answer any more");
    else this.request("ping", "ping", {}).then(() => (this.#silences = 0), ignore);
  }

  /** Answers must have been asked for; everything else is counted by the second. */
  #admit(message: Message): boolean {
    if (this.#state === "gone") return false;
    if (!("method" in message)) {
      this.#answersDue -= 1;
      if (this.#answersDue < 0) this.#kill("it answers what nobody asked");
      return this.#answersDue >= 0;
    }
    const now = performance.now();
    if (now - this.#secondStart > 1_000) {
      this.#secondStart = now;
      this.#messages = 0;
    }
    this.#messages += 1;
    if (this.#messages > this.#options.limits.messagesPerSecond) this.#kill("it floods the host with messages");
    return this.#death === undefined;
  }

  #error(what: string): CodedError {
    const { plugin } = this.#options;
    const said = this.#output?.tail ?? "";
    return new CodedError("E_PLUGIN_FAILED", `the process of \`${plugin}\` ${what}`, {
      data: { plugin, ...(said !== "" && { output: said }) },
      ...(said !== "" && { hint: `it printed last: ${said.slice(-500)}` }),
    });
  }

  #stamped(action: string, error: unknown): CodedError {
    const { plugin } = this.#options;
    const { message, hint } = error instanceof CodedError ? error : fromWire(error);
    const stamped = `plugin \`${plugin}\` failed in ${action}: ${message}`;
    return new CodedError("E_PLUGIN_FAILED", stamped, { hint, cause: error, data: { plugin, action } });
  }
}

function ignore(): void {}
