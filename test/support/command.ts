import { spawn } from "node:child_process";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { inject } from "vitest";
import { CANARY_ENVIRONMENT, refuseCanary } from "./canary.ts";

/** How a `plugin` command ended. */
export interface CommandResult {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** `$PLUGSMITH_HOME`. */
  readonly home: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly input?: string | undefined;
  /** Path of the Node that runs it; default: the one that runs the test. */
  readonly node?: string | undefined;
  /** Called with the child as soon as it runs. */
  readonly onStart?: ((child: ReturnType<typeof spawn>) => void) | undefined;
}

/** Runs the real `plugin` command as a person would: no terminal, an emptied environment, its own home. */
export function plugin(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return run("plugin.js", words, options);
}

/** Runs the real `plugsmith` command likewise. */
export function plugsmith(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return run("plugsmith.js", words, options);
}

/** Makes a home, where there is none, as it is after its first commands, so that not every test compiles the engine anew; `compiled-engine.test.ts` has homes without. */
export function warmHome(home: string): void {
  if (!existsSync(home)) cpSync(inject("compiled"), join(home, "cache/compile"), { recursive: true });
}

function run(program: string, words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  warmHome(options.home);
  const child = spawn(options.node ?? process.execPath, [join(inject("bundle"), program), ...words], {
    cwd: options.cwd,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: options.home,
      PLUGSMITH_HOME: options.home,
      PLUGSMITH_AGENTS: "off",
      ...CANARY_ENVIRONMENT,
      ...options.env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  options.onStart?.(child);
  child.stdin.end(options.input ?? "");
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    // A command may end before it reads what it is given; how it ended says the rest.
    child.stdin.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") reject(error);
    });
    child.on("close", (code, signal) => resolve({ exit: code ?? (signal === "SIGINT" ? 130 : 128), stdout, stderr }));
  }).then((result) => {
    refuseCanary(stdout + stderr, `what \`${words.join(" ")}\` printed`);
    return result;
  });
}
