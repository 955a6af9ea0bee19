import { spawn } from "node:child_process";
import { withoutSecretVariables } from "./secret-variable.ts";

/** How long the program may take, which may have to ask the person for a password. */
const DEADLINE_MS = 120_000;
const MAX_OUTPUT_BYTES = 1_000_000;

/** How a program ended that handles secrets. */
export interface SecretProcessEnd {
  /** None where it did not end by itself. */
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
  /** What went wrong, after the name of the program. */
  readonly problem: string;
}

/** Runs a program whose input or output is a secret, without the variables that hold any. */
export function runSecretProcess(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  input: string = "",
): Promise<SecretProcessEnd> {
  const { promise, resolve } = Promise.withResolvers<SecretProcessEnd>();
  const child = spawn(program, [...args], {
    env: withoutSecretVariables(environment),
    stdio: "pipe",
    windowsHide: true,
  });
  const output: Buffer[] = [];
  const complaint: Buffer[] = [];
  let bytes = 0;
  let stopped: string | undefined;
  const stop = (why: string): void => {
    stopped ??= why;
    child.kill("SIGKILL");
  };
  const timer = setTimeout(() => stop(`gave no answer in ${DEADLINE_MS} ms`), DEADLINE_MS);
  const keep = (chunks: Buffer[]) => (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT_BYTES) stop(`printed more than ${MAX_OUTPUT_BYTES} bytes`);
    else chunks.push(chunk);
  };
  child.stdout.on("data", keep(output));
  child.stderr.on("data", keep(complaint));
  // A program that reads nothing closes its input.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const done = (code: number | null, problem: string): void => {
    clearTimeout(timer);
    const [out, err] = [output, complaint].map((chunks) => Buffer.concat(chunks).toString("utf8"));
    resolve({ code, output: out ?? "", complaint: err ?? "", problem: stopped ?? problem });
  };
  child.on("error", (error) =>
    done(null, `cannot be started (${"code" in error ? String(error.code) : error.message})`),
  );
  child.on("close", (code, signal) =>
    done(
      stopped === undefined ? code : null,
      code === null ? `was ended by ${String(signal)}` : `failed with exit code ${String(code)}`,
    ),
  );
  return promise;
}
