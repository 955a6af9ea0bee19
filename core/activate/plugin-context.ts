import type { Registration } from "../../plugin-api/disposable.ts";
import type { AnyEvent, EmitOptions, ListenOptions } from "../../plugin-api/event.ts";
import type { Log, PluginContext } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Service } from "../../plugin-api/service.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { ListenerFunction } from "../events/listener.ts";
import type { Ownership } from "./ownership.ts";

/** A point of either kind, as its key object says. */
export interface AnyPoint {
  readonly key: string;
  readonly guarded: boolean;
}

/** What the host does behind the door of a plugin. */
export interface ContextHost {
  contribute(plugin: PluginInfo, point: AnyPoint, name: string, value: unknown): Registration;
  read(plugin: PluginInfo, key: string): Promise<unknown>;
  listen(
    plugin: PluginInfo,
    event: AnyEvent,
    listener: ListenerFunction,
    options: ListenOptions,
    signal: AbortSignal,
  ): Registration;
  emit(event: AnyEvent, payload: unknown, options: EmitOptions | undefined): Promise<unknown>;
  provide(plugin: PluginInfo, key: string, implementation: unknown): Registration;
  /** `undefined` when nobody provides it. */
  service(plugin: PluginInfo, key: string): Promise<unknown>;
}

/** The one door of a plugin. Keys tie types together in the public interface; behind it everything goes by key. */
export class Door implements PluginContext {
  readonly plugin: PluginInfo;
  readonly options: Readonly<Record<string, unknown>>;
  readonly log: Log;
  readonly #host: ContextHost;
  readonly #owned: Ownership;

  constructor(
    host: ContextHost,
    plugin: PluginInfo,
    options: Readonly<Record<string, unknown>>,
    log: Log,
    owned: Ownership,
  ) {
    this.#host = host;
    this.plugin = plugin;
    this.options = options;
    this.log = log;
    this.#owned = owned;
  }

  get signal(): AbortSignal {
    return this.#owned.signal;
  }

  contribute(point: AnyPoint, name: string, value: unknown): Registration {
    return this.#owned.own(() => this.#host.contribute(this.plugin, point, name, value));
  }

  read(point: AnyPoint): Promise<never> {
    return this.#host.read(this.plugin, point.key) as Promise<never>;
  }

  listen(event: AnyEvent, listener: ListenerFunction, options: ListenOptions = {}): Registration {
    return this.#owned.own(() => this.#host.listen(this.plugin, event, listener, options, this.signal));
  }

  emit(event: AnyEvent, payload: unknown, options?: EmitOptions): Promise<never> {
    return this.#host.emit(event, payload, options) as Promise<never>;
  }

  provide(service: Service<unknown>, implementation: unknown): Registration {
    return this.#owned.own(() => this.#host.provide(this.plugin, service.key, implementation));
  }

  async use(service: Service<unknown>): Promise<never> {
    const found = await this.find(service);
    if (found !== undefined) return found;
    throw new CodedError(
      "E_SERVICE_MISSING",
      `no enabled plugin provides \`${service.key}\`, which \`${this.plugin.id}\` needs`,
      { hint: "enable a plugin that provides it; `plugsmith boot --tree` shows what is there" },
    );
  }

  find(service: Service<unknown>): Promise<never> {
    return this.#host.service(this.plugin, service.key) as Promise<never>;
  }

  onDispose(run: () => void | Promise<void>): Registration {
    return this.#owned.onDispose(run);
  }
}
