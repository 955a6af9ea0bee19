const GRACE_MS = 5000;
const INTERRUPTED = 130;

/** Turns SIGINT and SIGTERM into an aborted signal; a second one, or work that does not stop, ends the process. */
export class Interruption {
  readonly #controller = new AbortController();
  #count = 0;

  readonly #listener = (): void => {
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

  /** Gives the signals back to the system's defaults. */
  close(): void {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(name, this.#listener);
  }
}
