import { messageOf, type Log, type Registration } from "plugsmith/plugin-api";
import type { Connection } from "./connection.ts";

/** Who hears of changes of one server's resources. */
export class Subscriptions {
  readonly #timeoutMs: number;
  readonly #log: Log;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(timeoutMs: number, log: Log) {
    this.#timeoutMs = timeoutMs;
    this.#log = log;
  }

  /** Rejects with why the server refuses. `running` is the connection of the moment that it ends. */
  async add(
    connection: Connection,
    { uri, changed, signal }: { readonly uri: string; readonly changed: () => void; readonly signal: AbortSignal },
    running: () => Connection | undefined,
  ): Promise<Registration> {
    await connection.subscribe(uri, { signal, timeoutMs: this.#timeoutMs });
    // One function may be given twice: each time counts.
    const listener = (): void => changed();
    this.#listeners.set(uri, (this.#listeners.get(uri) ?? new Set()).add(listener));
    return {
      dispose: () => {
        if (this.#remove(uri, listener)) this.#tell(running()?.unsubscribe(uri, this.#options()));
      },
    };
  }

  updated(uri: string): void {
    for (const listener of this.#listeners.get(uri) ?? []) listener();
  }

  /** Tells a server that was started anew what was asked of the one before. What changed in between is unknown, so all counts as changed. */
  renew(connection: Connection): void {
    for (const uri of this.#listeners.keys()) {
      this.#tell(connection.subscribe(uri, this.#options()).then(() => this.updated(uri)));
    }
  }

  /** Whether nobody hears of the resource any more. */
  #remove(uri: string, listener: () => void): boolean {
    const listeners = this.#listeners.get(uri);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return false;
    return this.#listeners.delete(uri);
  }

  #options(): { readonly signal: AbortSignal; readonly timeoutMs: number } {
    return { signal: AbortSignal.timeout(this.#timeoutMs), timeoutMs: this.#timeoutMs };
  }

  #tell(sent: Promise<void> | undefined): void {
    sent?.catch((error: unknown) => this.#log.debug(messageOf(error)));
  }
}
