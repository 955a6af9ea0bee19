/** Reloads a host when something changed, between turns and one at a time: a turn keeps the plugins that it began with. */
export class Reloads {
  readonly #reload: () => Promise<unknown>;
  readonly #failed: (error: unknown) => void;
  #turns = 0;
  #isWanted = false;
  #running: Promise<void> | undefined;

  constructor(reload: () => Promise<unknown>, failed: (error: unknown) => void) {
    this.#reload = reload;
    this.#failed = failed;
  }

  /** Asks for a reload: at once while no turn runs, else after the last of them. */
  request(): void {
    this.#isWanted = true;
    if (this.#turns === 0) void this.settled();
  }

  /** Reloads now, and waits for it, unless a turn runs: its end does it then, and may itself wait for whoever asks. */
  async reload(): Promise<void> {
    this.request();
    if (this.#turns === 0) await this.settled();
  }

  /** Waits for a reload that is under way, then holds off others until `leave`. */
  async enter(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#turns += 1;
  }

  /** Ends a turn; what was asked for meanwhile is done before it resolves. */
  async leave(): Promise<void> {
    this.#turns -= 1;
    if (this.#turns === 0) await this.settled();
  }

  /** Resolves when nothing is left to reload. */
  async settled(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isWanted) {
      this.#isWanted = false;
      try {
        await this.#reload();
      } catch (error) {
        this.#failed(error);
      }
    }
  }
}
