const GRACE_MS = 5000;
const INTERRUPTED = 130;

/** Turns SIGINT and SIGTERM into an aborted signal; a second one, or work that does not stop, ends the process. */
export class Interruption {
  readonly #controller = new AbortController();
  #count = 0;
  #first: NodeJS.Signals | undefined;

  readonly #listener = (name: NodeJS.Signals): void => {
    this.#first ??= name;
    this.#count += 1;
    if (this.#count > 1) process.exit(INTERRUPTED);
    this.#controller.abort();
    setTimeout(() => process.exit(INTERRUPTED), GRACE_MS).unref();
  };

  constructor() {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, this.#listener);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Whether a person pressed Ctrl-C, where other signals are an ordinary end. */
  get isFromKeyboard(): boolean {
    return this.#first === "SIGINT";
  }

  /** Gives the signals back to the system's defaults. */
  close(): void {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, this.#listener);
  }
}
