import { setMaxListeners } from "node:events";

/** The signal of one turn: aborted with any of its sources, or by `end`. Leaves no listener on a source behind. */
export class TurnSignal implements Disposable {
  readonly #controller = new AbortController();
  readonly #sources: readonly AbortSignal[];
  readonly #abort = (): void => {
    this.#controller.abort(this.#sources.find(({ aborted }) => aborted)?.reason);
  };

  constructor(sources: readonly (AbortSignal | undefined)[]) {
    // Ten reads, each with listeners of its own, are no leak.
    setMaxListeners(0, this.#controller.signal);
    this.#sources = sources.filter((source) => source !== undefined);
    for (const source of this.#sources) source.addEventListener("abort", this.#abort, { once: true });
    if (this.#sources.some(({ aborted }) => aborted)) this.#abort();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends whatever still runs for the turn. */
  [Symbol.dispose](): void {
    for (const source of this.#sources) source.removeEventListener("abort", this.#abort);
    this.#controller.abort(new Error("the turn is over"));
  }
}

/** Waits for a promise, but no longer than until the signal is aborted; then rejects with its reason. */
export async function untilAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
