import type {
  AnyEvent,
  EmitOptions,
  GateAnswer,
  GateDecision,
  GateResult,
  ListenerCall,
  ListenOptions,
} from "../../plugin-api/event.ts";
import type { Registration } from "../../plugin-api/disposable.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { ordered } from "../graph/order.ts";
import type { PendingCalls } from "../observe/pending-calls.ts";
import { ListenerIndex, type Listener, type ListenerFunction, type OrderedListeners } from "./listener.ts";

/** An event as the bus handles it: whoever emits and listens is held to the payload's type by the event's own. */
interface UntypedEvent {
  readonly key: string;
  readonly kind: AnyEvent["kind"];
  readonly matchOn?: ((payload: unknown) => string) | undefined;
  readonly budgetMs: number;
  readonly concurrency?: number | undefined;
}

/** What the bus needs of the host. */
export interface BusOptions {
  readonly pending: PendingCalls;
  /** Plugins that a plugin depends on, for the order of listeners. */
  readonly dependenciesOf: (plugin: string) => Iterable<string>;
  /** Activates whoever announced to listen to an event, and tells who cannot; `undefined` when all are up. */
  readonly prepare: (event: string) => Promise<readonly string[]> | undefined;
  /** Receives the failures of `observe` listeners, and denials that failures made. */
  readonly onFailure: (plugin: string, error: unknown) => void;
}

const STRICTNESS: Readonly<Record<GateDecision, number>> = { pass: 0, allow: 1, ask: 2, deny: 3 };
const NOBODY: OrderedListeners = new ListenerIndex([]);
const PASS: GateResult = { decision: "pass" };

/** Listeners by event, and the four ways in which they answer (DESIGN §6). */
export class EventBus {
  readonly #options: BusOptions;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #kinds = new Map<string, string>();
  readonly #sorted = new Map<string, OrderedListeners>();

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Adds a listener of a plugin; `signal` is aborted when the plugin is disposed. */
  listen(
    event: AnyEvent,
    plugin: string,
    run: ListenerFunction,
    options: ListenOptions,
    signal: AbortSignal,
  ): Registration {
    this.#expectKind(event);
    const { match, before = [], after = [], budgetMs } = options;
    const listener: Listener = {
      plugin,
      run,
      match: typeof match === "function" || match === undefined ? match : new Set(match),
      before,
      after,
      budgetMs,
      signal,
    };
    const listeners = this.#listeners.get(event.key) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(event.key, listeners);
    this.#sorted.delete(event.key);
    return {
      dispose: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(event.key);
        this.#sorted.delete(event.key);
      },
    };
  }

  /** Emits an event of any kind; what comes back is what its kind says. */
  async emit(event: AnyEvent, payload: unknown, options: EmitOptions = {}): Promise<unknown> {
    const preparation = this.#options.prepare(event.key);
    const failed = preparation === undefined ? [] : await preparation;
    if (event.kind === "gate" && failed.length > 0) return absentGuard(failed);
    const untyped = event as UntypedEvent;
    const listeners = this.#heard(untyped, payload);
    switch (event.kind) {
      case "observe":
        return listeners.length === 0 ? undefined : this.#observe(untyped, listeners, payload, options);
      case "transform":
        return listeners.length === 0 ? payload : this.#transform(untyped, listeners, payload, options);
      case "first":
        return listeners.length === 0 ? undefined : this.#first(untyped, listeners, payload, options);
      case "gate":
        return listeners.length === 0 ? PASS : this.#gate(untyped, listeners, payload, options);
    }
  }

  /** How many listeners there are; zero after everything was disposed. */
  get size(): number {
    let size = 0;
    for (const listeners of this.#listeners.values()) size += listeners.size;
    return size;
  }

  #heard(event: UntypedEvent, payload: unknown): readonly Listener[] {
    if (!this.#listeners.has(event.key)) return NOBODY.all;
    this.#expectKind(event);
    const sorted = this.#inOrder(event.key);
    return event.matchOn === undefined ? sorted.all : sorted.heardBy(event.matchOn(payload));
  }

  #expectKind({ key, kind }: Pick<UntypedEvent, "key" | "kind">): void {
    const known = this.#kinds.get(key);
    if (known === undefined) this.#kinds.set(key, kind);
    else if (known !== kind) {
      throw new CodedError("E_NOT_ANNOUNCED", `event \`${key}\` is of kind ${known}, not ${kind}`);
    }
  }

  /** Dependency order, then `before` and `after`, then id; several listeners of one plugin as they were added. */
  #inOrder(key: string): OrderedListeners {
    let sorted = this.#sorted.get(key);
    if (sorted === undefined) {
      const listeners = [...(this.#listeners.get(key) ?? [])];
      const plugins = new Map(listeners.map(({ plugin }) => [plugin, new Set(this.#options.dependenciesOf(plugin))]));
      for (const { plugin, before, after } of listeners) {
        for (const id of after) plugins.get(plugin)?.add(id);
        for (const id of before) plugins.get(id)?.add(plugin);
      }
      const ids = ordered(
        [...plugins].map(([id, after]) => ({ id, after })),
        { cycles: "refuse" },
      );
      const rank = new Map(ids.map((id, at) => [id, at]));
      const place = ({ plugin }: Listener): number => rank.get(plugin) ?? 0;
      sorted = new ListenerIndex(listeners.toSorted((left, right) => place(left) - place(right)));
      this.#sorted.set(key, sorted);
    }
    return sorted;
  }

  #call(event: UntypedEvent, listener: Listener, payload: unknown, { signal }: EmitOptions): Promise<unknown> {
    const call = new Call(signal, listener.signal);
    return this.#options.pending.run(
      { plugin: listener.plugin, action: `event ${event.key}` },
      listener.budgetMs ?? event.budgetMs,
      signal,
      () => listener.run(payload as never, call),
    );
  }

  async #observe(
    event: UntypedEvent,
    listeners: readonly Listener[],
    payload: unknown,
    options: EmitOptions,
  ): Promise<void> {
    const queue = listeners.values();
    const worker = async (): Promise<void> => {
      for (const listener of queue) {
        try {
          await this.#call(event, listener, payload, options);
        } catch (error) {
          this.#options.onFailure(listener.plugin, error);
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(event.concurrency ?? 1, listeners.length) }, worker));
  }

  async #transform(
    event: UntypedEvent,
    listeners: readonly Listener[],
    payload: unknown,
    options: EmitOptions,
  ): Promise<unknown> {
    let value = payload;
    for (const listener of listeners) value = await this.#call(event, listener, value, options);
    return value;
  }

  async #first(
    event: UntypedEvent,
    listeners: readonly Listener[],
    payload: unknown,
    options: EmitOptions,
  ): Promise<unknown> {
    for (const listener of listeners) {
      const answer = await this.#call(event, listener, payload, options);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  async #gate(
    event: UntypedEvent,
    listeners: readonly Listener[],
    payload: unknown,
    options: EmitOptions,
  ): Promise<GateResult> {
    let result: GateResult = PASS;
    const context: string[] = [];
    for (const listener of listeners) {
      const answer = await this.#answer(event, listener, payload, options);
      if (answer.context !== undefined) context.push(...answer.context);
      const input = answer.input ?? result.input;
      if (STRICTNESS[answer.decision] > STRICTNESS[result.decision]) result = { ...answer, by: listener.plugin };
      if (input !== undefined) result = { ...result, input };
    }
    return context.length === 0 ? result : { ...result, context };
  }

  /** A listener that fails, or answers what is no answer, denies. */
  async #answer(event: UntypedEvent, listener: Listener, payload: unknown, options: EmitOptions): Promise<GateAnswer> {
    try {
      const answer = await this.#call(event, listener, payload, options);
      if (isGateAnswer(answer)) return answer;
      throw new CodedError("E_PLUGIN_FAILED", `plugin \`${listener.plugin}\` gave no valid answer to ${event.key}`);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      this.#options.onFailure(listener.plugin, error);
      return { decision: "deny", reason: isCodedError(error) ? error.message : String(error) };
    }
  }
}

/** Who announced to guard something and cannot run denies: a guard may not vanish. */
function absentGuard(plugins: readonly string[]): GateResult {
  const [by = ""] = plugins;
  const reason = `plugin \`${by}\` decides on this and could not be started; \`plugsmith boot --tree\` shows why`;
  return { decision: "deny", by, reason };
}

function isGateAnswer(value: unknown): value is GateAnswer {
  return (
    typeof value === "object" &&
    value !== null &&
    "decision" in value &&
    typeof value.decision === "string" &&
    Object.hasOwn(STRICTNESS, value.decision)
  );
}

/** Joins signals only when somebody asks: most listeners never do. */
class Call implements ListenerCall {
  readonly #signals: readonly AbortSignal[];
  #joined: AbortSignal | undefined;

  constructor(emission: AbortSignal | undefined, plugin: AbortSignal) {
    this.#signals = emission === undefined ? [plugin] : [emission, plugin];
  }

  get signal(): AbortSignal {
    this.#joined ??= AbortSignal.any([...this.#signals]);
    return this.#joined;
  }
}
