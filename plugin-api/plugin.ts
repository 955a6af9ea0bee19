import type { Registration } from "./disposable.ts";
import type { Emitting, Listening } from "./event.ts";
import type { PluginInfo } from "./plugin-info.ts";
import type { Contributing } from "./point.ts";
import type { Serving } from "./service.ts";

/** Lines for whoever looks for the cause of something; secrets are hidden on the way. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
}

/** Everything a plugin can do: contribute, listen, provide and use; there is no other door. */
export interface PluginContext extends Contributing, Listening, Emitting, Serving {
  readonly plugin: PluginInfo;
  /** Options of its `userConfig`, defaults included, secrets not. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Aborted when the plugin is disposed. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Runs at disposal, last registered first. */
  onDispose(run: () => void | Promise<void>): Registration;
}

/** What the entry of a code plugin exports by default. */
export interface Plugin {
  /**
   * Adds everything that the manifest announced; more is refused with `E_NOT_ANNOUNCED`. Called once per load, and again on a
   * context of its own after the plugin was reloaded.
   */
  activate(context: PluginContext): void | Promise<void>;
}

/** Types the default export of a plugin's entry. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
