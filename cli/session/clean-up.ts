/** What was opened on the way, closed last first; `DisposableStack` is not there in every Node that this runs on. */
export class CleanUp implements Disposable {
  readonly #steps: (() => void)[] = [];

  /** Adds what closes something, and hands that something through. */
  add<Opened>(opened: Opened, close: (opened: Opened) => void): Opened {
    this.#steps.push(() => close(opened));
    return opened;
  }

  /** Runs every step, also behind one that fails, then throws the first failure. A second call does nothing. */
  [Symbol.dispose](): void {
    const failures: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
