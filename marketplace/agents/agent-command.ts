import { execFile } from "node:child_process";
import { CodedError } from "../../schemas/errors.ts";

/** How long one call of an agent's program may take; they are slow to start. */
const DEADLINE_MS = 120_000;
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
  },
): AgentCommand {
  const { directory, environment, signal } = options;
  return (args) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        program,
        [...args],
        { cwd: directory, env: environment, signal, timeout: DEADLINE_MS, maxBuffer: MAX_OUTPUT_BYTES },
        (error, stdout, stderr) => {
          if (error === null) resolve(stdout.trim() === "" ? stderr : stdout);
          else if (signal.aborted) reject(new CodedError("E_INTERRUPTED", `interrupted while ${title} was at work`));
          else reject(refusal(title, args, error, lastWords(stderr) ?? lastWords(stdout)));
        },
      );
      child.stdin?.end();
    });
}

function refusal(title: string, args: readonly string[], cause: Error, words: string | undefined): CodedError {
  const killed = "killed" in cause && cause.killed === true;
  const why = killed ? `did not end within ${String(DEADLINE_MS / 1000)} s` : (words ?? cause.message);
  return new CodedError("E_AGENT_PROGRAM", `${title}: ${why}`, {
    cause,
    hint: `\`plugin sync\` tries again; the call was \`${args.join(" ")}\``,
  });
}

/** The last line that says something, without colour. */
function lastWords(output: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- colour is made of control characters
  const lines = output.replaceAll(/\u001B\[[0-9;]*m/gu, "").split("\n");
  return lines.map((line) => line.trim()).findLast((line) => line !== "");
}
