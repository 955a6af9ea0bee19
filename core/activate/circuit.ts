const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** How a crashing plugin is started again: after pauses that double, and after too many crashes not at all. */
export interface CircuitLimits {
  /** Crashes within the window that open the circuit. */
  readonly crashes: number;
  readonly windowMs: number;
  readonly firstPauseMs: number;
}

/** Five crashes in ten minutes open the circuit. */
export const CIRCUIT_LIMITS: CircuitLimits = { crashes: 5, windowMs: 600_000, firstPauseMs: FIRST_PAUSE_MS };

/** The crashes of one plugin. */
export class Circuit {
  readonly #limits: CircuitLimits;
  readonly #crashes: number[] = [];

  constructor(limits: CircuitLimits) {
    this.#limits = limits;
  }

  /** Counts a crash at `now` (ms); says whether the circuit is open from now on. */
  crashed(now: number): boolean {
    this.#crashes.push(now);
    return this.#recent(now) >= this.#limits.crashes;
  }

  /** How long to wait at `now` before the plugin may be started again. */
  pauseMs(now: number): number {
    const last = this.#crashes.at(-1);
    const recent = this.#recent(now);
    if (last === undefined || recent === 0) return 0;
    const pause = Math.min(this.#limits.firstPauseMs * 2 ** (recent - 1), LONGEST_PAUSE_MS);
    return Math.max(0, last + pause - now);
  }

  #recent(now: number): number {
    return this.#crashes.filter((at) => now - at < this.#limits.windowMs).length;
  }
}
