import type { ListenerCall } from "../../plugin-api/event.ts";

/** A function that hears an event, of whatever kind. */
export type ListenerFunction = (payload: never, call: ListenerCall) => unknown;

/** One registered listener. */
export interface Listener {
  readonly plugin: string;
  readonly run: ListenerFunction;
  /** Exact names, a test, or everything. */
  readonly match: ReadonlySet<string> | ((name: string) => boolean) | undefined;
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly budgetMs: number | undefined;
  /** Aborted when the plugin is disposed. */
  readonly signal: AbortSignal;
}

/** The listeners of one event in the order in which they are called. */
export interface OrderedListeners {
  /** Those that may hear an emission that is matched by name. */
  heardBy(name: string): readonly Listener[];
  readonly all: readonly Listener[];
}

/** Lists by name what names select, once an emission asks for the name; the rest is tested. */
export class ListenerIndex implements OrderedListeners {
  readonly all: readonly Listener[];
  readonly #byName = new Map<string, readonly Listener[]>();
  readonly #names: ReadonlySet<string>;
  /** Listeners without a list of names. */
  readonly #open: readonly Listener[];

  constructor(sorted: readonly Listener[]) {
    this.all = sorted;
    this.#names = new Set(sorted.flatMap(({ match }) => (match instanceof Set ? [...match] : [])));
    this.#open = sorted.filter(({ match }) => !(match instanceof Set));
  }

  heardBy(name: string): readonly Listener[] {
    const candidates = this.#names.has(name) ? this.#named(name) : this.#open;
    return candidates.length === 0 ? candidates : candidates.filter((listener) => hears(listener, name));
  }

  #named(name: string): readonly Listener[] {
    let found = this.#byName.get(name);
    if (found === undefined) {
      found = this.all.filter(({ match }) => !(match instanceof Set) || match.has(name));
      this.#byName.set(name, found);
    }
    return found;
  }
}

function hears({ match }: Listener, name: string): boolean {
  return typeof match !== "function" || match(name);
}
