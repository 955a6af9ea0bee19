import { execFile, type ExecFileException } from "node:child_process";
import { CodedError } from "../../schemas/errors.ts";
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
      const child = execFile(
        start.file,
        [...start.args],
        {
          cwd: directory,
          env: environment,
          signal,
          timeout: deadlineMs,
          maxBuffer: MAX_OUTPUT_BYTES,
          windowsVerbatimArguments: start.windowsVerbatimArguments,
        },
        (error, stdout, stderr) => {
          clearTimeout(end);
          if (error === null) resolve(stdout.trim() === "" ? stderr : stdout);
          else if (signal.aborted) reject(new CodedError("E_INTERRUPTED", `interrupted while ${title} was at work`));
          else
            reject(
              refusal(title, args, error, reason(error, program, deadlineMs, lastWords(stderr) ?? lastWords(stdout))),
            );
        },
      );
      // The deadline asks it to end; some do not listen.
      const end = setTimeout(() => child.kill("SIGKILL"), deadlineMs + graceMs);
      child.stdin?.end();
    });
}

function refusal(title: string, args: readonly string[], cause: Error, why: string): CodedError {
  return new CodedError("E_AGENT_PROGRAM", `${title}: ${why}`, {
    cause,
    hint: `\`plugin sync\` tries again; the call was \`${args.join(" ")}\``,
  });
}

function reason(error: ExecFileException, program: string, deadlineMs: number, words: string | undefined): string {
  if (error.code === "ERR_CHILD_PROCESS_STDIO_MAXBUFFER") return `printed more than ${String(MAX_OUTPUT_BYTES)} bytes`;
  if (error.killed === true) return `did not end within ${String(deadlineMs / 1000)} s`;
  if (words !== undefined) return words;
  if (typeof error.code === "string") return `\`${program}\` cannot be started (${error.code})`;
  const end =
    error.code === undefined || error.code === null ? `by ${String(error.signal)}` : `with ${String(error.code)}`;
  return `\`${program}\` ended ${end} and said nothing`;
}

/** The last line that says something, without colour. */
function lastWords(output: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- colour is made of control characters
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/gu, "").split("\n");
  return lines.map((line) => line.trim()).findLast((line) => line !== "");
}
