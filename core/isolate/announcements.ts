import type { Registration } from "../../plugin-api/disposable.ts";
import type { AnyEvent } from "../../plugin-api/event.ts";
import type { Log, PluginContext } from "../../plugin-api/plugin.ts";
import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { GuardedContribution } from "../../plugin-api/point.ts";
import type { Service } from "../../plugin-api/service.ts";
import { CodedError } from "../../schemas/errors.ts";
import { isRecord } from "../../schemas/record.ts";
import { isolatedPlugin, type IsolatedPluginOptions } from "./isolated-plugin.ts";

/** What the code of a plugin adds, as a manifest announces it. */
export interface Announcements {
  /** By the key of the point, in the order in which they were made. */
  readonly contributes: Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;
  readonly listens: readonly string[];
  readonly provides: readonly string[];
}

/**
 * Activates a plugin in a process of its own, with nothing around it, and tells what it added; it is ended afterwards. Throws
 * `E_PLUGIN_FAILED` when its activation needs more than that.
 */
export async function announcementsOf(options: IsolatedPluginOptions): Promise<Announcements> {
  const recorder = new Recorder(options.info);
  let crash: unknown;
  const plugin = isolatedPlugin(options, (error) => (crash = error));
  try {
    await plugin.activate(recorder);
    if (crash !== undefined) throw crash;
    return recorder.announcements();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError(
      "E_PLUGIN_FAILED",
      `\`${options.entry}\` of \`${options.info.name}\` cannot be activated: ${reason}`,
      {
        cause,
        hint: "activation may only contribute, listen and provide: everything else belongs into what it contributes",
        where: options.entry,
      },
    );
  } finally {
    await recorder.dispose();
  }
}

const NOTHING: Registration = { dispose: () => undefined };

class Recorder implements PluginContext {
  readonly plugin: PluginInfo;
  readonly options: Readonly<Record<string, unknown>> = {};
  readonly log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  readonly #end = new AbortController();
  readonly #cleanups: (() => void | Promise<void>)[] = [];
  readonly #contributes = new Map<string, Readonly<Record<string, unknown>>[]>();
  readonly #listens = new Set<string>();
  readonly #provides = new Set<string>();

  constructor(plugin: PluginInfo) {
    this.plugin = plugin;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  announcements(): Announcements {
    return {
      contributes: Object.fromEntries(this.#contributes),
      listens: [...this.#listens].sort(),
      provides: [...this.#provides].sort(),
    };
  }

  contribute(point: { readonly key: string; readonly guarded: boolean }, name: string, value: unknown): Registration {
    // A guarded contribution comes with its descriptor.
    const said = point.guarded ? (value as GuardedContribution<unknown, unknown, unknown>).descriptor : value;
    if (!isRecord(said)) {
      throw new CodedError(
        "E_NOT_ANNOUNCED",
        `\`${name}\` of \`${point.key}\` is no object, so no manifest can announce it`,
        {
          hint: "contribute an object",
        },
      );
    }
    const list = this.#contributes.get(point.key) ?? [];
    this.#contributes.set(point.key, [...list, { name, ...said }]);
    return NOTHING;
  }

  listen(event: AnyEvent): Registration {
    this.#listens.add(event.key);
    return NOTHING;
  }

  provide(service: Service<unknown>): Registration {
    this.#provides.add(service.key);
    return NOTHING;
  }

  async read(): Promise<never> {
    // Nothing is there to be read.
    return { all: () => [], onChange: () => NOTHING } as never;
  }

  async emit(): Promise<never> {
    return undefined as never;
  }

  async use(service: Service<unknown>): Promise<never> {
    throw new CodedError("E_SERVICE_MISSING", `\`${service.key}\` is not there while a plugin is packed`, {
      hint: "ask for services where they are used, not in `activate`",
    });
  }

  async find(): Promise<never> {
    return undefined as never;
  }

  onDispose(run: () => void | Promise<void>): Registration {
    this.#cleanups.push(run);
    return NOTHING;
  }

  /** Ends the process. */
  async dispose(): Promise<void> {
    this.#end.abort();
    for (let run = this.#cleanups.pop(); run !== undefined; run = this.#cleanups.pop()) await run();
  }
}
