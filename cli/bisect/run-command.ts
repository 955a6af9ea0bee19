import { spawn } from "node:child_process";
import { CodedError } from "../../schemas/errors.ts";
import type { Verdict } from "../../marketplace/bisect/first-bad.ts";

/** How long a command may go on after the person interrupted it. */
const GRACE_MS = 2_000;
const SKIP = 125;

/** How a command is run. */
export interface CommandRun {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** How a command ended; killed by a signal it has no exit code. */
export interface CommandEnd {
  readonly verdict: Verdict;
  readonly exit: number | null;
}

/**
 * Runs a command to its end: 0 is good, 125 cannot be tested, everything else is bad. What it prints goes to standard error.
 * Throws `E_PROCESS` when it cannot be started, and `E_INTERRUPTED`.
 */
export async function runCommand({ argv, cwd, environment, signal }: CommandRun): Promise<CommandEnd> {
  const [command = "", ...args] = argv;
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd, env: { ...environment }, stdio: ["inherit", 2, 2] });
  let killer: NodeJS.Timeout | undefined;
  const end = (): void => {
    child.kill("SIGTERM");
    killer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const exit = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    if (signal.aborted) throw new CodedError("E_INTERRUPTED", `interrupted while \`${argv.join(" ")}\` ran`);
    return { exit, verdict: exit === 0 ? "good" : exit === SKIP ? "skip" : "bad" };
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw new CodedError(
      "E_PROCESS",
      `\`${command}\` could not be started: ${error instanceof Error ? error.message : String(error)}`,
      {
        hint: "name a program after `--`, for example `-- npm test`",
        cause: error,
      },
    );
  } finally {
    clearTimeout(killer);
    signal.removeEventListener("abort", end);
  }
}
