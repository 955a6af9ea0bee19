import { createInterface } from "node:readline";
import { CodedError } from "../../schemas/errors.ts";

/** Asks a yes-or-no question on stderr and reads the answer from the terminal; no answer is a no. Ctrl-C interrupts. */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const terminal = process.env["TERM"] !== "dumb";
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let waiting = true;
  /** Without an answer the cursor still stands behind the question. */
  const leave = (settle: () => void): void => {
    if (waiting) process.stderr.write("\n");
    waiting = false;
    settle();
  };
  const interrupt = (): void =>
    leave(() => reject(new CodedError("E_INTERRUPTED", "interrupted, nothing was changed")));
  reader.once("SIGINT", interrupt);
  reader.once("close", () => leave(() => resolve("")));
  signal.addEventListener("abort", interrupt, { once: true });
  reader.question(`${question} [y/N] `, (answer) => {
    waiting = false;
    resolve(answer);
  });
  try {
    return /^\s*y(?:es)?\s*$/iu.test(await promise);
  } finally {
    signal.removeEventListener("abort", interrupt);
    reader.close();
  }
}
