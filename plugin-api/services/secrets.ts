import { defineService, type Service } from "../service.ts";

/** Secrets of the plugin that asks, in the system keychain; keyed by plugin id and the identity of its source. */
export interface Secrets {
  /** Throws `E_KEYCHAIN` when there is none, with what to do. */
  get(name: string): Promise<string | undefined>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<boolean>;
  /**
   * A secret option of another plugin, for its own processes, e.g. `${user_config.KEY}`. Throws `E_TRUST` unless the plugin
   * itself, or one that comes with Plugsmith, asks.
   */
  option(pluginId: string, key: string): Promise<string | undefined>;
}

/** Provided by core. */
export const secretService: Service<Secrets> = defineService("plugsmith/secrets");
