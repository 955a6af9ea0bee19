import type { Registration } from "../../plugin-api/disposable.ts";
import { CodedError } from "../../schemas/errors.ts";

/** What one plugin added, to be taken back last first. */
export class Ownership {
  readonly #plugin: string;
  readonly #end = new AbortController();
  readonly #cleanups: (() => void | Promise<void>)[] = [];

  constructor(plugin: string) {
    this.#plugin = plugin;
  }

  /** Aborted when everything is taken back. */
  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Makes a registration that belongs to the plugin. Throws after the plugin was disposed. */
  own(make: () => Registration): Registration {
    this.#end.signal.throwIfAborted();
    const made = make();
    const cleanup = this.onDispose(() => made.dispose());
    return {
      dispose: () => {
        cleanup.dispose();
        made.dispose();
      },
    };
  }

  onDispose(run: () => void | Promise<void>): Registration {
    this.#cleanups.push(run);
    return {
      dispose: () => {
        const at = this.#cleanups.indexOf(run);
        if (at >= 0) this.#cleanups.splice(at, 1);
      },
    };
  }

  /**
   * Takes back everything, whatever fails; the failures are returned. Whoever waits for the plugin gets `reason`. A second call does
   * nothing.
   */
  async dispose(reason?: CodedError): Promise<readonly unknown[]> {
    if (this.#end.signal.aborted) return [];
    this.#end.abort(reason ?? new CodedError("E_PLUGIN_FAILED", `plugin \`${this.#plugin}\` was disposed`));
    const failures: unknown[] = [];
    for (let cleanup = this.#cleanups.pop(); cleanup !== undefined; cleanup = this.#cleanups.pop()) {
      try {
        await cleanup();
      } catch (error) {
        failures.push(error);
      }
    }
    return failures;
  }
}
