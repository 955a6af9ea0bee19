import { spawn, type ChildProcess, type ChildProcessWithoutNullStreams } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { GitUrl } from "../../schemas/identity.ts";
import { isLoopback } from "../../schemas/loopback.ts";
import { growthOf, type DirectoryGrowth } from "./directory-growth.ts";
import { gitEnvironment, personalSettings, type GitSetting, type PersonalSettings } from "./git-environment.ts";
import { gitFailure, printableCommand } from "./git-failure.ts";

/** How git may be used by one Plugsmith process. */
export interface GitOptions {
  /** A directory of ours; every git process runs in it (attacks GT07). Created on first use. */
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Default 120,000, or `PLUGSMITH_GIT_TIMEOUT_MS` of the environment. */
  readonly deadlineMs?: number | undefined;
  /** Default 512 MB a command. */
  readonly maxBytes?: number | undefined;
  /** Refuses every transport but `file`. */
  readonly offline?: boolean | undefined;
  /** Whether plain http to this address is fine; loopback always is. */
  readonly allowPlainHttp?: ((url: GitUrl) => boolean) | undefined;
}

/** One git command. */
export interface GitCommand {
  readonly arguments: readonly string[];
  readonly gitDirectory?: string | undefined;
  /** The one address the command may talk to; none means that no transport works. */
  readonly url?: GitUrl | undefined;
  readonly settings?: readonly GitSetting[] | undefined;
  readonly input?: string | undefined;
}

const DEADLINE_MS = 120_000;
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_OUTPUT = 64 * 1024 * 1024;
const MAX_STDERR = 64 * 1024;
const WATCH_MS = 200;
/** 2.32 brought `GIT_CONFIG_GLOBAL` and 2.31 `GIT_CONFIG_COUNT`, without which nothing here would be hermetic. */
export const OLDEST_GIT: number = 2_032;

/** Runs the system's git, hermetically; owns nothing but what it learned about the person's configuration. */
export class GitRunner {
  readonly #options: GitOptions;
  readonly #deadlineMs: number;
  readonly #maxBytes: number;
  readonly #ignoredRewrites = new Map<string, Diagnostic>();
  #personal: Promise<PersonalSettings> | undefined;
  #version: Promise<void> | undefined;

  constructor(options: GitOptions) {
    this.#options = options;
    const configured = Number(options.environment["PLUGSMITH_GIT_TIMEOUT_MS"]);
    this.#deadlineMs = options.deadlineMs ?? (configured > 0 ? configured : DEADLINE_MS);
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
  }

  /** What the person should know about how their git configuration was used. */
  notes(): readonly Diagnostic[] {
    return [...this.#ignoredRewrites.values()];
  }

  /**
   * Runs one command to its end and returns its output. Throws `E_GIT_MISSING`, `E_GIT_URL`, `E_TIMEOUT`, `E_LIMIT_GIT`,
   * `E_INTERRUPTED` or what `gitFailure` makes of its last words; the whole process group is dead afterwards.
   */
  async run(command: GitCommand): Promise<string> {
    const { url } = command;
    if (url !== undefined) this.#checkTransport(url);
    const [personal] = await Promise.all([
      url === undefined || url.transport === "file" ? undefined : this.#personalSettings(url),
      url === undefined ? undefined : (this.#version ??= this.#checkVersion()),
    ]);
    const argv = argvOf(command);
    const settings = [...(personal?.settings ?? []), ...(command.settings ?? [])];
    const transports = url === undefined ? [] : [url.transport];
    const growth = command.gitDirectory === undefined || url === undefined ? undefined : growthOf(command.gitDirectory);
    return await this.#execute(
      argv,
      gitEnvironment(this.#options.environment, settings, transports),
      command.input,
      growth,
    );
  }

  /** Starts a command that answers on its standard output until its input ends; it can reach no network. */
  start(command: GitCommand): ChildProcessWithoutNullStreams {
    const argv = argvOf(command);
    return spawn("git", argv.slice(1), {
      cwd: this.#workingDirectory(),
      env: gitEnvironment(this.#options.environment, command.settings ?? [], []),
      stdio: ["pipe", "pipe", "pipe"],
    });
  }

  #checkTransport(url: GitUrl): void {
    if (this.#options.offline === true && url.transport !== "file") {
      throw new CodedError("E_OFFLINE", `\`${url.url}\` must be asked, but \`--offline\` was given`, {
        hint: "run it once without `--offline`",
      });
    }
    const plain = url.transport === "http" && !isLoopback(url.host) && this.#options.allowPlainHttp?.(url) !== true;
    if (plain || url.transport === "git") {
      throw new CodedError("E_GIT_URL", `\`${url.url}\` is not encrypted, so nobody can say whose bytes arrive`, {
        hint: "use the https or ssh address of the repository",
      });
    }
  }

  /** An older git reads configuration that we cannot switch off. */
  async #checkVersion(): Promise<void> {
    const argv = ["git", "version"];
    const printed = await this.#execute(argv, gitEnvironment(this.#options.environment, [], []), undefined, undefined);
    const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/u.exec(printed) ?? [];
    if (Number(major) * 1000 + Number(minor) >= OLDEST_GIT) return;
    throw new CodedError("E_GIT_MISSING", `\`${printed.trim()}\` is too old; Plugsmith needs git 2.32 or newer`, {
      hint: "update git",
    });
  }

  async #personalSettings(url: GitUrl): Promise<PersonalSettings> {
    this.#personal ??= this.#readPersonal();
    const personal = await this.#personal;
    for (const prefix of personal.insteadOf) {
      if (url.url.startsWith(prefix)) {
        this.#ignoredRewrites.set(prefix, {
          code: "I_GIT_INSTEAD_OF",
          severity: "info",
          message: `\`insteadOf\` for \`${prefix}\` in the global git configuration is ignored: the address that policy judges is the one git gets`,
          hint: "add the marketplace by the address that really serves it",
        });
      }
    }
    return personal;
  }

  async #readPersonal(): Promise<PersonalSettings> {
    const { environment } = this.#options;
    const home = environment["HOME"] ?? homedir();
    const places = [
      join(home, ".gitconfig"),
      join(environment["XDG_CONFIG_HOME"] ?? join(home, ".config"), "git", "config"),
    ];
    if (!places.some((place) => existsSync(place))) return { settings: [], insteadOf: [] };
    const reading: NodeJS.ProcessEnv = { ...gitEnvironment(environment, [], []), GIT_CONFIG_COUNT: "0" };
    delete reading["GIT_CONFIG_GLOBAL"];
    const argv = ["git", "config", "--global", "--includes", "--list", "-z"];
    return personalSettings(await this.#execute(argv, reading, undefined, undefined));
  }

  async #execute(
    argv: readonly string[],
    environment: NodeJS.ProcessEnv,
    input: string | undefined,
    growth: DirectoryGrowth | undefined,
  ): Promise<string> {
    const { signal } = this.#options;
    if (signal.aborted) throw interrupted(argv);
    const cwd = this.#workingDirectory();
    const child = spawn("git", argv.slice(1), {
      cwd,
      env: environment,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stop: { reason?: CodedError } = {};
    const kill = (reason: CodedError): void => {
      stop.reason ??= reason;
      killGroup(child);
    };
    const onAbort = (): void => kill(interrupted(argv));
    signal.addEventListener("abort", onAbort, { once: true });
    const deadline = setTimeout(() => kill(this.#timedOut(argv)), this.#deadlineMs);
    const watch = setInterval(() => {
      if (growth !== undefined && growth.bytes() > this.#maxBytes) kill(this.#tooMuch(argv));
    }, WATCH_MS);
    const output = collect(child, () => kill(this.#tooMuch(argv)));
    try {
      const { failure, code, killedBy } = await ended(child, input);
      if (stop.reason !== undefined) throw stop.reason;
      if (failure !== undefined) throw cannotStart(failure);
      if (growth !== undefined && growth.bytes() > this.#maxBytes) throw this.#tooMuch(argv);
      if (code === 0) return output.stdout();
      throw gitFailure(argv, output.stderr(), code === null ? `killed by ${killedBy ?? "a signal"}` : `exit ${code}`);
    } catch (error) {
      // A command that failed by itself has tidied up; a killed one could not.
      if (stop.reason !== undefined) growth?.removePartial();
      throw error;
    } finally {
      clearTimeout(deadline);
      clearInterval(watch);
      signal.removeEventListener("abort", onAbort);
    }
  }

  #workingDirectory(): string {
    mkdirSync(this.#options.directory, { recursive: true, mode: 0o700 });
    return this.#options.directory;
  }

  #timedOut(argv: readonly string[]): CodedError {
    return new CodedError(
      "E_TIMEOUT",
      `git did not finish within ${this.#deadlineMs / 1000} s: \`${printableCommand(argv)}\``,
      {
        hint: "try again, or give it longer with `PLUGSMITH_GIT_TIMEOUT_MS`",
        data: { symptom: "connection" },
      },
    );
  }

  #tooMuch(argv: readonly string[]): CodedError {
    const megabytes = Math.round(this.#maxBytes / 1024 / 1024);
    return new CodedError("E_LIMIT_GIT", `git received more than ${megabytes} MB: \`${printableCommand(argv)}\``, {
      hint: "a plugin repository should not be that large; ask its owner",
    });
  }
}

function argvOf(command: GitCommand): readonly string[] {
  return [
    "git",
    ...(command.gitDirectory === undefined ? [] : [`--git-dir=${command.gitDirectory}`]),
    ...command.arguments,
  ];
}

function interrupted(argv: readonly string[]): CodedError {
  return new CodedError("E_INTERRUPTED", `interrupted while running \`${printableCommand(argv)}\``);
}

function cannotStart(failure: NodeJS.ErrnoException): CodedError {
  if (failure.code !== "ENOENT")
    return new CodedError("E_IO", `git could not be started: ${failure.message}`, { cause: failure });
  return new CodedError("E_GIT_MISSING", "the `git` program was not found on PATH", {
    hint: "install it: `apt-get install git`, `dnf install git`, `brew install git`, or the installer from the git project's site",
    cause: failure,
  });
}

/** Kills git with every helper it started (`git-remote-https`, `ssh`, `index-pack`). */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function collect(child: ChildProcessWithoutNullStreams, tooMuch: () => void): { stdout(): string; stderr(): string } {
  const chunks: Buffer[] = [];
  let size = 0;
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_OUTPUT) tooMuch();
    else chunks.push(chunk);
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString("utf8")).slice(-MAX_STDERR);
  });
  return { stdout: () => Buffer.concat(chunks).toString("utf8"), stderr: () => stderr };
}

interface Ending {
  readonly failure?: NodeJS.ErrnoException;
  readonly code: number | null;
  readonly killedBy: NodeJS.Signals | null;
}

async function ended(child: ChildProcessWithoutNullStreams, input: string | undefined): Promise<Ending> {
  return await new Promise<Ending>((resolve) => {
    child.on("error", (failure) => resolve({ failure, code: null, killedBy: null }));
    child.on("close", (code, killedBy) => resolve({ code, killedBy }));
    // A command that ended early closes its input; its exit status says why.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(input);
  });
}
