import type { Registration } from "../../plugin-api/disposable.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import { CodedError } from "../../schemas/errors.ts";

/** A service of the host itself: made for the plugin that asks. */
export interface HostService {
  readonly key: string;
  /** `signal` is aborted when the plugin is disposed; whoever runs the host has none. */
  readonly open: (plugin: PluginInfo, signal: AbortSignal | undefined) => unknown;
}

interface Provision {
  readonly plugin: string;
  readonly implementation: unknown;
}

/** What plugins and the host provide. */
export class ServiceRegistry {
  readonly #host: ReadonlyMap<string, HostService>;
  readonly #provided = new Map<string, Provision>();

  constructor(host: readonly HostService[]) {
    this.#host = new Map(host.map((service) => [service.key, service]));
  }

  /** Whether the host itself provides it. */
  isHostService(key: string): boolean {
    return this.#host.has(key);
  }

  /** Throws `E_SERVICE_CONFLICT` when somebody else provides it. */
  provide(plugin: string, key: string, implementation: unknown): Registration {
    const present = this.#provided.get(key);
    if (present !== undefined || this.#host.has(key)) {
      throw new CodedError(
        "E_SERVICE_CONFLICT",
        `\`${plugin}\` provides \`${key}\`, which ${present === undefined ? "the host" : `\`${present.plugin}\``} provides`,
        { hint: "disable one of the two" },
      );
    }
    this.#provided.set(key, { plugin, implementation });
    return {
      dispose: () => {
        if (this.#provided.get(key)?.implementation === implementation) this.#provided.delete(key);
      },
    };
  }

  /** What is provided now; `undefined` when nobody does. */
  get(key: string, asking: PluginInfo, signal: AbortSignal | undefined): unknown {
    return this.#provided.get(key)?.implementation ?? this.#host.get(key)?.open(asking, signal);
  }

  /** Whether a plugin provides it now. */
  isProvidedBy(plugin: string, key: string): boolean {
    return this.#provided.get(key)?.plugin === plugin;
  }

  /** How many services plugins provide; zero after everything was disposed. */
  get size(): number {
    return this.#provided.size;
  }
}
