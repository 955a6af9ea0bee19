import { isTerminal } from "../print/is-terminal.ts";

/** Resolves when the person wants to stop: `q` or Ctrl-C at a terminal, or a signal. Keeps the process alive until then. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  const { stdin } = process;
  const isKeyboard = isTerminal(0);
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  const pressed = (bytes: Buffer): void => {
    // In raw mode Ctrl-C and Ctrl-D are characters.
    if (/[qQ\u0003\u0004]/u.test(bytes.toString("latin1"))) stop();
  };
  signal.addEventListener("abort", stop, { once: true });
  const alive = setInterval(() => undefined, 60_000);
  if (isKeyboard) {
    stdin.setRawMode(true);
    stdin.on("data", pressed);
  }
  try {
    if (!signal.aborted) await promise;
  } finally {
    clearInterval(alive);
    signal.removeEventListener("abort", stop);
    if (isKeyboard) {
      stdin.off("data", pressed);
      stdin.setRawMode(false);
      stdin.pause();
    }
  }
}
