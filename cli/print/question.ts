import { createInterface } from "node:readline";
import { CodedError } from "../../schemas/errors.ts";

/** Asks a yes-or-no question on stderr and reads the answer from the terminal; no answer is a no. Ctrl-C interrupts. */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  signal.throwIfAborted();
  const reader = createInterface({ input: process.stdin, output: process.stderr, terminal: true });
  try {
    const answer = await new Promise<string>((resolve, reject) => {
      const interrupted = (): void => reject(new CodedError("E_INTERRUPTED", "interrupted"));
      reader.once("SIGINT", interrupted);
      signal.addEventListener("abort", interrupted, { once: true });
      reader.once("close", () => resolve(""));
      reader.question(`${question} [y/N] `, resolve);
    });
    return /^\s*y(?:es)?\s*$/iu.test(answer);
  } finally {
    reader.close();
  }
}
