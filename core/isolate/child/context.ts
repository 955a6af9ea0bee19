import { CancellationTokenSource, type MessageConnection } from "vscode-jsonrpc/node";
import type { Registration } from "../../../plugin-api/disposable.ts";
import type { AnyEvent, EmitOptions, ListenerCall, ListenOptions } from "../../../plugin-api/event.ts";
import type { Log, PluginContext } from "../../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../../plugin-api/plugin-info.ts";
import type { GuardedContribution, PointReader } from "../../../plugin-api/point.ts";
import type { Service } from "../../../plugin-api/service.ts";
import { CodedError } from "../../../schemas/errors.ts";
import type {
  Activation,
  ChildNotices,
  ChildRequests,
  Envelope,
  FoundService,
  HostRequests,
} from "../wire/messages.ts";
import { toPlain } from "../wire/plain.ts";
import { fromWire } from "../wire/remote-error.ts";
import { methodsOf, serviceCall, serviceProxy } from "../wire/service-methods.ts";

/** A function that hears an event, of whatever kind. */
type Hearing = (payload: never, call: ListenerCall) => unknown;
type Run = GuardedContribution<unknown, unknown, unknown>["call"];

/** The door of a plugin in a process of its own: what `PluginContext` says, over JSON-RPC. */
export class ChildContext implements PluginContext {
  readonly plugin: PluginInfo;
  readonly options: Readonly<Record<string, unknown>>;
  readonly log: Log;
  readonly #connection: MessageConnection;
  readonly #end = new AbortController();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  readonly #calls = new Map<number, Run>();
  readonly #listeners = new Map<number, Hearing>();
  readonly #services = new Map<number, object>();
  readonly #points = new Map<number, SnapshotReader>();
  #registrations: Promise<unknown>[] | undefined = [];
  #next = 1;

  constructor(connection: MessageConnection, { plugin, options }: Activation) {
    this.#connection = connection;
    this.plugin = plugin;
    this.options = options;
    const line = (level: ChildNotices["log"]["level"]) => (message: string) =>
      this.#tell("log", { level, message: String(message) });
    this.log = { debug: line("debug"), info: line("info"), warn: line("warn") };
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  contribute(point: { readonly key: string; readonly guarded: boolean }, name: string, value: unknown): Registration {
    const id = this.#next++;
    if (!point.guarded) {
      const plain = toPlain(value);
      return this.#register("contribute", { id, point: point.key, guarded: false, name, value: plain });
    }
    const { descriptor, call } = value as GuardedContribution<unknown, unknown, unknown>;
    this.#calls.set(id, call);
    const params = { id, point: point.key, guarded: true, name, value: toPlain(descriptor) };
    return this.#register("contribute", params, () => this.#calls.delete(id));
  }

  async read(point: { readonly key: string }): Promise<never> {
    const id = this.#next++;
    const reader = new SnapshotReader();
    this.#points.set(id, reader);
    reader.set(((await this.#ask("read", { id, point: point.key })) as readonly unknown[] | undefined) ?? []);
    // The interface ties the reader's type to the point's.
    return reader as never;
  }

  listen(event: AnyEvent, listener: Hearing, options: ListenOptions = {}): Registration {
    const { match, before, after, budgetMs } = options;
    if (typeof match === "function") {
      throw new CodedError("E_ISOLATION", `\`match\` of a listener to \`${event.key}\` is a function`, {
        hint: "give a list of names: only names cross the border of a plugin's process",
      });
    }
    const id = this.#next++;
    this.#listeners.set(id, listener);
    return this.#register(
      "listen",
      {
        id,
        event: wireEvent(event),
        options: { match, before, after, budgetMs: budgetMs === Infinity ? null : budgetMs },
      },
      () => this.#listeners.delete(id),
    );
  }

  async emit(event: AnyEvent, payload: unknown, options: EmitOptions = {}): Promise<never> {
    // Whoever emits gives the payload of the event's type.
    const name = event.matchOn?.(payload as never);
    const params = { event: wireEvent(event), payload: toPlain(payload), name };
    return (await this.#ask("emit", params, options.signal)) as never;
  }

  provide(service: Service<unknown>, implementation: unknown): Registration {
    const id = this.#next++;
    // A service is an object with methods.
    this.#services.set(id, implementation as object);
    return this.#register("provide", { id, service: service.key, methods: methodsOf(implementation) }, () =>
      this.#services.delete(id),
    );
  }

  async use(service: Service<unknown>): Promise<never> {
    const found = await this.find(service);
    if (found !== undefined) return found;
    throw new CodedError("E_SERVICE_MISSING", `no enabled plugin provides \`${service.key}\``, {
      hint: "enable a plugin that provides it; `plugsmith boot --tree` shows what is there",
    });
  }

  async find(service: Service<unknown>): Promise<never> {
    const found = (await this.#ask("find", { service: service.key })) as FoundService | null | undefined;
    if (found === undefined || found === null) return undefined as never;
    return serviceProxy(found.methods, (call, signal) =>
      this.#ask("invoke", { service: service.key, ...call }, signal),
    ) as never;
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

  /** Resolves when the host has taken everything that was registered so far; rejects with its first refusal. */
  async registered(): Promise<void> {
    const pending = this.#registrations ?? [];
    this.#registrations = undefined;
    await Promise.all(pending);
  }

  async runCall(
    { contribution, call, input, callId, context }: HostRequests["call"],
    signal: AbortSignal,
  ): Promise<unknown> {
    const run = this.#calls.get(contribution);
    if (run === undefined) throw new Error("the contribution was taken back");
    const progress = (text: string): void => this.#tell("progress", { call, text: String(text) });
    return toPlain(await run(input, { callId, signal, context, progress }));
  }

  async runListener(id: number, payload: unknown, signal: AbortSignal): Promise<unknown> {
    const listener = this.#listeners.get(id);
    if (listener === undefined) throw new Error("the listener was taken back");
    return toPlain(await listener(payload as never, { signal }));
  }

  async runMethod({ service, ...call }: HostRequests["method"], signal: AbortSignal): Promise<unknown> {
    return toPlain(await serviceCall(this.#services.get(service), call, signal));
  }

  setItems(id: number, items: readonly unknown[]): void {
    this.#points.get(id)?.set(items);
  }

  /** Runs what was registered for the disposal, last first; returns the messages of what failed. */
  async dispose(): Promise<readonly string[]> {
    this.#end.abort(new Error("the plugin is disposed"));
    const failures: string[] = [];
    for (let run = this.#cleanups.pop(); run !== undefined; run = this.#cleanups.pop()) {
      try {
        await run();
      } catch (error) {
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    return failures;
  }

  #register<Method extends "contribute" | "listen" | "provide">(
    method: Method,
    params: ChildRequests[Method],
    forget?: () => void,
  ): Registration {
    this.signal.throwIfAborted();
    const done = this.#ask(method, params);
    // After the activation nobody waits for the host's answer.
    done.catch((error: unknown) => {
      if (this.#registrations === undefined) this.log.warn(error instanceof Error ? error.message : String(error));
    });
    this.#registrations?.push(done);
    let present = true;
    return {
      dispose: () => {
        if (!present) return;
        present = false;
        forget?.();
        this.#ask("withdraw", { id: params.id }).catch((error: unknown) => this.log.warn(String(error)));
      },
    };
  }

  async #ask<Method extends keyof ChildRequests>(
    method: Method,
    params: ChildRequests[Method],
    signal?: AbortSignal,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const source = new CancellationTokenSource();
    const cancel = (): void => source.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return (await this.#connection.sendRequest<Envelope>(method, params, source.token)).value;
    } catch (error) {
      signal?.throwIfAborted();
      const { message, code, hint } = fromWire(error);
      throw code === undefined
        ? new Error(message, { cause: error })
        : new CodedError(code, message, { hint, cause: error });
    } finally {
      signal?.removeEventListener("abort", cancel);
      source.dispose();
    }
  }

  #tell<Method extends keyof ChildNotices>(method: Method, params: ChildNotices[Method]): void {
    void this.#connection.sendNotification(method, params);
  }
}

/** The items of a point as the host last told them. */
class SnapshotReader implements PointReader<unknown> {
  readonly #changed = new Set<() => void>();
  #items: readonly unknown[] = [];

  all(): readonly unknown[] {
    return this.#items;
  }

  onChange(listener: () => void): Registration {
    this.#changed.add(listener);
    return { dispose: () => this.#changed.delete(listener) };
  }

  set(items: readonly unknown[]): void {
    this.#items = items;
    for (const listener of this.#changed) listener();
  }
}

function wireEvent(event: AnyEvent): ChildRequests["emit"]["event"] {
  const { key, kind, budgetMs } = event;
  return {
    key,
    kind,
    budgetMs: Number.isFinite(budgetMs) ? budgetMs : undefined,
    concurrency: event.kind === "observe" ? event.concurrency : undefined,
  };
}
