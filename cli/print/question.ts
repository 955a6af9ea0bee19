import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { CodedError } from "../../schemas/errors.ts";

/** A question whose answer is a text. */
export interface TextQuestion {
  /** As it is printed, with what separates it from the answer. */
  readonly text: string;
  /** Whether the answer is a secret: nothing of it is shown. */
  readonly hidden: boolean;
}

/** Asks a yes-or-no question on stderr and reads the answer from the terminal; no answer is a no. Ctrl-C interrupts. */
export async function askYesNo(question: string, signal: AbortSignal): Promise<boolean> {
  return /^\s*y(?:es)?\s*$/iu.test(await askText({ text: `${question} [y/N] `, hidden: false }, signal));
}

/** Asks on stderr and reads one line from the terminal; no answer is an empty one. Ctrl-C interrupts. */
export async function askText({ text, hidden }: TextQuestion, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  // The terminal itself would show what is typed, were it not read key by key.
  const terminal = hidden || process.env["TERM"] !== "dumb";
  const output = hidden ? new Writable({ write: (_chunk, _encoding, done) => done() }) : process.stderr;
  const reader = createInterface({ input: process.stdin, output, terminal, historySize: 0 });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let waiting = true;
  /** Without an answer, and after a hidden one, the cursor still stands behind the question. */
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
  if (hidden) process.stderr.write(text);
  reader.question(hidden ? "" : text, (answer) => {
    if (hidden) leave(() => resolve(answer));
    waiting = false;
    resolve(answer);
  });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", interrupt);
    reader.close();
  }
}
