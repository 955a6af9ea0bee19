/** Work that several callers wait for; it is given up when all of them went away. */
export class SharedAttempt<Result> {
  readonly #abort = new AbortController();
  readonly #result: Promise<Result>;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal) {
    this.#result = work(AbortSignal.any([signal, this.#abort.signal]));
    // Every caller hears of a failure; without callers nobody has to.
    this.#result.catch(() => undefined);
  }

  /** Whether it was given up: whoever comes now needs an attempt of its own. */
  get isAbandoned(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Rejects with the reason of the signal when that comes first. */
  async wait(signal: AbortSignal): Promise<Result> {
    signal.throwIfAborted();
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting += 1;
    try {
      return await Promise.race([this.#result, promise]);
    } finally {
      signal.removeEventListener("abort", abort);
      this.#waiting -= 1;
      if (this.#waiting === 0 && signal.aborted) this.#abort.abort(signal.reason);
    }
  }
}
