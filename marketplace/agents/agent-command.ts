import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { CodedError } from "../../schemas/errors.ts";
import { isSystemError } from "../../schemas/system-error.ts";
import { programStart } from "./program-start.ts";

/** How long one call of an agent's program may take, for they are slow to start; how long it has then to end by itself. */
const LIMITS = { deadlineMs: 120_000, graceMs: 5000 };
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/** Runs an agent's own program and returns what it printed; some answer on standard error. Throws `E_AGENT_PROGRAM` with its last words, `E_INTERRUPTED`. */
export type AgentCommand = (args: readonly string[]) => Promise<string>;

/** Calls one program in one directory, without a terminal, one call after the other. */
export function agentCommand(
  title: string,
  program: string,
  options: {
    readonly directory: string;
    readonly environment: Readonly<Record<string, string | undefined>>;
    readonly signal: AbortSignal;
    readonly limits?: typeof LIMITS | undefined;
  },
): AgentCommand {
  const { directory, environment, signal, limits: { deadlineMs, graceMs } = LIMITS } = options;
  return (args) =>
    new Promise((resolve, reject) => {
      const start = programStart(program, args, { environment, platform: process.platform });
      const child = spawn(start.file, [...start.args], {
        cwd: directory,
        env: environment,
        // A process group of its own, so that what the program has started ends with it.
        detached: process.platform !== "win32",
        stdio: ["ignore", "pipe", "pipe"],
        windowsVerbatimArguments: start.windowsVerbatimArguments,
      });
      let fate: string | undefined;
      let grace: NodeJS.Timeout | undefined;
      const end = (why: string): void => {
        fate ??= why;
        endGroup(child, "SIGTERM");
        // Some do not listen.
        grace ??= setTimeout(() => endGroup(child, "SIGKILL"), graceMs);
      };
      const interrupt = (): void => end("was interrupted");
      const deadline = setTimeout(() => end(`did not end within ${String(deadlineMs / 1000)} s`), deadlineMs);
      const output = collectOutput(child, () => end(`printed more than ${String(MAX_OUTPUT_BYTES)} bytes`));
      const over = (why: string | undefined, cause?: Error): void => {
        clearTimeout(deadline);
        clearTimeout(grace);
        signal.removeEventListener("abort", interrupt);
        if (fate !== undefined) endGroup(child, "SIGKILL");
        const [stdout, stderr] = output();
        const failure = fate ?? why;
        if (signal.aborted) reject(new CodedError("E_INTERRUPTED", `interrupted while ${title} was at work`));
        else if (failure === undefined) resolve(stdout.trim() === "" ? stderr : stdout);
        else {
          const words =
            fate === undefined && cause === undefined ? (lastWords(stderr) ?? lastWords(stdout)) : undefined;
          reject(refusal(title, args, words ?? failure, cause));
        }
      };
      child.once("error", (error) =>
        over(`\`${program}\` cannot be started (${isSystemError(error) ? error.code : error.message})`, error),
      );
      child.once("close", (code, by) => {
        if (code === 0) over(undefined);
        else
          over(`\`${program}\` ended ${code === null ? `by ${String(by)}` : `with ${String(code)}`} and said nothing`);
      });
      signal.addEventListener("abort", interrupt, { once: true });
      if (signal.aborted) interrupt();
    });
}

/** What a program prints, standard output and standard error; `tooMuch` is called when that is beyond all measure. */
function collectOutput(
  { stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>,
  tooMuch: () => void,
): () => readonly [stdout: string, stderr: string] {
  const printed = [stdout, stderr].map((stream) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    stream.on("data", (part: Buffer) => {
      bytes += part.length;
      if (bytes > MAX_OUTPUT_BYTES) tooMuch();
      else parts.push(part);
    });
    return () => Buffer.concat(parts).toString("utf8");
  });
  return () => [printed[0]?.() ?? "", printed[1]?.() ?? ""];
}

/** Sends a signal to a program and whatever it has started. */
export function endGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    child.kill(name);
    return;
  }
  try {
    process.kill(-child.pid, name);
  } catch (error) {
    // Nobody is left; for a moment after its end, macOS says that of a group with `EPERM`.
    if (!isSystemError(error, "ESRCH", "EPERM")) throw error;
  }
}

function refusal(title: string, args: readonly string[], why: string, cause: Error | undefined): CodedError {
  return new CodedError("E_AGENT_PROGRAM", `${title}: ${why}`, {
    ...(cause === undefined ? {} : { cause }),
    hint: `\`plugin sync\` tries again; the call was \`${args.join(" ")}\``,
  });
}

/** The last line that says something, without colour. */
function lastWords(output: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- colour is made of control characters
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/gu, "").split("\n");
  return lines.map((line) => line.trim()).findLast((line) => line !== "");
}
