/** When a server that fails is tried again. */
export interface AttemptLimits {
  /** Failures within the window that turn the server off. */
  readonly failures: number;
  readonly windowMs: number;
  /** Doubles with every failure. */
  readonly firstPauseMs: number;
  /** How long it stays off before one more attempt. */
  readonly coolDownMs: number;
}

/** The failures of one server; times are milliseconds of a clock that never goes back. */
export class Attempts {
  readonly #limits: AttemptLimits;
  #failures: { readonly at: number; readonly reason: string }[] = [];

  constructor(limits: AttemptLimits) {
    this.#limits = limits;
  }

  /** Counts a failure; says whether the server is off from now on. */
  failed(reason: string, now: number): boolean {
    this.#failures = [...this.#recent(now), { at: now, reason }];
    return this.#failures.length >= this.#limits.failures;
  }

  /** Why it is off; `undefined` when it may be tried. */
  off(now: number): string | undefined {
    const last = this.#failures.at(-1);
    if (last === undefined || this.#failures.length < this.#limits.failures) return undefined;
    if (now - last.at >= this.#limits.coolDownMs) return undefined;
    return `it failed ${String(this.#failures.length)} times in a row, the last time because ${last.reason}`;
  }

  /** How long to wait before the next attempt. */
  pauseMs(now: number): number {
    const last = this.#failures.at(-1);
    if (last === undefined) return 0;
    return Math.max(0, last.at + this.#limits.firstPauseMs * 2 ** (this.#failures.length - 1) - now);
  }

  /** A person asks for a fresh start. */
  forget(): void {
    this.#failures = [];
  }

  #recent(now: number): { readonly at: number; readonly reason: string }[] {
    return this.#failures.filter(({ at }) => now - at < this.#limits.windowMs);
  }
}
