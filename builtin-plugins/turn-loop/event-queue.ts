/** Carries events from several pieces of work to the one generator that hands them out. */
export class EventQueue<Event> {
  readonly #events: Event[] = [];
  readonly #maxEvents: number;
  #wake: (() => void) | undefined;
  #ended = false;

  /** `maxEvents`: how many may wait before those that may be dropped are. */
  constructor(maxEvents: number) {
    this.#maxEvents = maxEvents;
  }

  push(event: Event): void {
    this.#events.push(event);
    this.#wake?.();
  }

  /** Adds an event that nobody misses when the reader is slow. Says whether the queue has not ended. */
  offer(event: Event): boolean {
    if (!this.#ended && this.#events.length < this.#maxEvents) this.push(event);
    return !this.#ended;
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** Every event in order, until the end. */
  async *drain(): AsyncGenerator<Event, void> {
    for (;;) {
      for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) yield event;
      if (this.#ended) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
      this.#wake = undefined;
    }
  }
}
