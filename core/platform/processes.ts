import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import {
  processService,
  type Processes,
  type ProcessRequest,
  type RunningProcess,
} from "../../plugin-api/services/processes.ts";
import type { Workspace } from "../../plugin-api/services/workspace.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Decide } from "../../schemas/policy.ts";
import { redactArguments } from "../audit/redact-arguments.ts";
import type { HostService } from "../services/service-registry.ts";
import { PROCESS_MARK } from "./process-mark.ts";
import { ProcessWatcher } from "./process-watcher.ts";
import { findProgram } from "./program.ts";
import { RunningProgram } from "./running-program.ts";
import { sessionEnvironment } from "./session-marker.ts";
import { isSystemError } from "../../schemas/system-error.ts";

/** What starting programs is held to. */
export interface ProcessesOptions {
  readonly decide: Decide;
  readonly workspace: Pick<Workspace, "trusted" | "projectDirectory">;
  readonly audit: Audit;
  /** Throws when the files of the plugin that a program is started for may not be executed, e.g. because they were changed. */
  readonly requireSound?: ((plugin: PluginInfo) => void) | undefined;
  /** A listener of a plugin threw, or a pipe broke; `host` stands for the host itself. */
  readonly failed: (plugin: string, error: unknown) => void;
}

/** The service of programs and the end of all of them. */
export interface OpenProcesses {
  readonly service: HostService;
  /** Ends what was started on behalf of one plugin, e.g. because policy forbids it from now on. */
  stopFor(plugin: string): Promise<void>;
  /** Ends everything; nothing can be started after. */
  dispose(): Promise<void>;
}

/** Makes the one place where programs are started. */
export function openProcesses(options: ProcessesOptions): OpenProcesses {
  const starter = new ProcessStarter(options);
  return {
    service: { key: processService.key, open: (asking, signal) => starter.for(asking, signal) },
    stopFor: (plugin) => starter.stop((id) => id === plugin),
    dispose: () => starter.dispose(),
  };
}

class ProcessStarter {
  readonly #options: ProcessesOptions;
  readonly #watcher: ProcessWatcher;
  readonly #running = new Map<RunningProgram, string>();
  /** Beginning of the marks of all programs. */
  readonly #mark = randomUUID();
  #started = 0;
  #isDisposed = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
    this.#watcher = new ProcessWatcher(`${PROCESS_MARK}=${this.#mark}`, (error) => options.failed("host", error));
  }

  for(asking: PluginInfo, signal: AbortSignal | undefined): Processes {
    return { start: (request) => this.#start(request, asking, signal) };
  }

  async stop(isMeant: (plugin: string) => boolean): Promise<void> {
    const meant = [...this.#running].filter(([, plugin]) => isMeant(plugin));
    await Promise.all(meant.map(([program]) => program.stop()));
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.stop(() => true);
    await this.#watcher.close();
  }

  #start(request: ProcessRequest, asking: PluginInfo, disposed: AbortSignal | undefined): RunningProcess {
    const signals = [request.signal, disposed].filter((signal) => signal !== undefined);
    for (const signal of signals) signal.throwIfAborted();
    if (this.#isDisposed) throw new CodedError("E_PROCESS", `${labelOf(request)} comes too late: the host is closing`);
    const { plugin, command, args, purpose, directory, secrets } = request;
    this.#requireAllowed(request, asking);
    this.#options.requireSound?.(plugin);
    const found = findProgram(request, this.#options.workspace);
    const record = {
      action: "process start",
      subject: plugin.id,
      detail: {
        purpose,
        directory,
        command,
        args: redactArguments(args, secrets),
        ...("file" in found && { program: found.file }),
        ...(asking.id !== plugin.id && { by: asking.id }),
      },
    };
    this.#options.audit.append({ ...record, outcome: "allowed" });
    const failed = (): void => this.#options.audit.append({ ...record, outcome: "failed" });
    if ("problem" in found) {
      failed();
      return notStarted(processError(request, found.problem, found.hint));
    }
    let program: RunningProgram;
    try {
      this.#watcher.ready();
      // Commands of the agent itself may start what outlives it, e.g. a browser.
      const mark = plugin.tier === "builtin" ? undefined : `${this.#mark}.${String((this.#started += 1))}`;
      const marks = mark === undefined ? {} : { [PROCESS_MARK]: mark };
      program = new RunningProgram({
        request,
        file: found.file,
        environment: { ...sessionEnvironment(request.environment), ...marks },
        mark,
        watcher: this.#watcher,
        failure: (cause) => spawnError(request, cause),
        listenerFailed: (error) => this.#options.failed(plugin.id, error),
      });
    } catch (cause) {
      failed();
      return notStarted(spawnError(request, cause));
    }
    if (Number.isNaN(program.pid)) failed();
    this.#running.set(program, plugin.id);
    const stop = (): void => {
      program.stop().catch((error: unknown) => this.#options.failed(plugin.id, error));
    };
    for (const signal of signals) signal.addEventListener("abort", stop, { once: true });
    void program.retired.then(() => {
      this.#running.delete(program);
      for (const signal of signals) signal.removeEventListener("abort", stop);
    });
    return program;
  }

  /** What a repository brings, be it the plugin that asks or the one that is asked for, needs a workspace that is trusted. */
  #requireAllowed(request: ProcessRequest, asking: PluginInfo): void {
    const { plugin, command, args } = request;
    const parties = asking.id === plugin.id ? [plugin] : [plugin, asking];
    const deny = (detail: Readonly<Record<string, unknown>>): void => {
      const record = { purpose: request.purpose, command, args: redactArguments(args, request.secrets), ...detail };
      this.#options.audit.append({
        action: "process start",
        subject: plugin.id,
        outcome: "denied",
        detail: record,
      });
    };
    for (const { id } of parties) {
      const decision = this.#options.decide({ kind: "process", id, command, args }, "start");
      if (decision.allowed) continue;
      const { rule, reason } = decision;
      deny({ reason, rule: rule.key });
      throw new CodedError("E_SOURCE_BLOCKED", `policy does not allow ${labelOf(request)}: ${reason}`, {
        hint: `ask your administrator; the rule is \`${rule.key}\``,
        where: rule.line === undefined ? rule.file : `${rule.file}:${rule.line}`,
      });
    }
    if (this.#options.workspace.trusted || !parties.some(isOfRepository)) return;
    deny({ reason: "the workspace is not trusted" });
    const { projectDirectory } = this.#options.workspace;
    throw new CodedError("E_TRUST", `${labelOf(request)} comes with \`${projectDirectory}\`, which nobody trusts`, {
      hint: `read what it does, then \`plugin trust\` in that folder, or start with \`--trust-workspace\` for one run`,
      where: projectDirectory,
    });
  }
}

/** Loose folders are the person's own or the repository's. */
function isOfRepository({ tier, id }: PluginInfo): boolean {
  return tier === "loose" && !id.endsWith("@user");
}

function labelOf({ purpose, plugin }: ProcessRequest): string {
  return `${purpose} of \`${plugin.id}\``;
}

function notStarted(error: Error): RunningProcess {
  const ended = Promise.reject<never>(error);
  // Whoever does not ask how it ended is not told.
  ended.catch(() => undefined);
  const nothing = (): void => undefined;
  return {
    pid: Number.NaN,
    ended,
    write: nothing,
    endInput: nothing,
    onOutput: nothing,
    onErrorOutput: nothing,
    stop: async () => undefined,
  };
}

function spawnError(request: ProcessRequest, cause: unknown): CodedError {
  if (cause instanceof CodedError) return cause;
  const { command, directory } = request;
  const code = isSystemError(cause) ? cause.code : undefined;
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return statSync(directory, { throwIfNoEntry: false })?.isDirectory() === true
        ? processError(request, "no such file, or the interpreter in its first line is missing", `install it`, cause)
        : processError(request, `its directory \`${directory}\` does not exist`, "make the directory", cause);
    case "EACCES":
    case "EPERM":
      return processError(request, "it may not be executed", `look at its permissions: \`chmod +x ${command}\``, cause);
    case "ENOEXEC":
      return processError(request, "it is no program", "give it a first line that names its interpreter", cause);
    case "E2BIG":
      return processError(request, "its arguments and environment are too long", "pass less", cause);
    case "EAGAIN":
    case "EMFILE":
    case "ENFILE":
    case "ENOMEM":
      return processError(request, `the system is out of resources: ${code}`, "end other programs", cause);
    default: {
      const message = cause instanceof Error ? cause.message : String(cause);
      return processError(request, code ?? message, "look at the command and its arguments", cause);
    }
  }
}

function processError(request: ProcessRequest, problem: string, hint: string, cause?: unknown): CodedError {
  // Whoever started it says for what.
  return new CodedError("E_PROCESS", `\`${request.command}\` could not be started: ${problem}`, {
    hint,
    cause,
    data: { plugin: request.plugin.id, purpose: request.purpose, command: request.command },
  });
}
