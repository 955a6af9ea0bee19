import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import { secretService, type Secrets } from "../../plugin-api/services/secrets.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { SecretBackend } from "../../schemas/secret-backend.ts";
import { recorded } from "../audit/recorded.ts";
import type { HostService } from "../services/service-registry.ts";
import { Backends, isLasting, type BackendOptions } from "./backends.ts";
import type { SecretOwners } from "./secret-owners.ts";
import type { SecretOwner, SecretStore } from "./secret-store.ts";

/** What secrets are opened with. */
export interface SecretsOptions extends BackendOptions {
  /** Identity of the source of a plugin; `undefined` for one that is not known, which has no secrets. */
  readonly identityOf: (plugin: string) => string | undefined;
  readonly audit: Audit;
  /** Where is kept who has an entry, so that it goes with its plugin; nothing is when absent. */
  readonly owners?: SecretOwners | undefined;
}

/** The secrets of plugins, and what a person does with them. */
export interface OpenSecrets {
  readonly service: HostService;
  /** Throws `E_KEYCHAIN` when none was chosen that there is. */
  backend(): SecretBackend;
  /** The value of an option that is declared sensitive. */
  option(plugin: string, key: string): Promise<string | undefined>;
  /** Keeps the value of an option that is declared sensitive. */
  setOption(plugin: string, key: string, value: string): Promise<void>;
  /** `false` when there was none. */
  deleteOption(plugin: string, key: string): Promise<boolean>;
  /** Deletes all secrets of a plugin where they are kept now. */
  forget(plugin: string): Promise<boolean>;
}

/** Opens the secrets without touching any back end. */
export function openSecrets(options: SecretsOptions): OpenSecrets {
  const { identityOf, audit, owners } = options;
  const backends = new Backends(options);
  const store = (): SecretStore => backends.store(backends.chosen());
  const lasting = (whose: SecretOwner): SecretStore => {
    const backend = backends.chosen();
    const chosen = backends.store(backend);
    if (isLasting(backend)) owners?.add(whose, backend);
    return chosen;
  };
  const owner = (id: string): SecretOwner => {
    const identity = identityOf(id);
    if (identity !== undefined) return { id, identity };
    throw new CodedError("E_KEYCHAIN", `it is not known where plugin \`${id}\` comes from, so it has no secrets`, {
      hint: "install it from a marketplace, or enable it",
    });
  };
  const changing = <T>(action: string, plugin: string, name: string, change: () => Promise<T>): Promise<T> =>
    recorded(audit, { action, subject: plugin, detail: { name } }, change);
  const option = async (plugin: string, key: string): Promise<string | undefined> => {
    const backend = backends.chosen();
    const value = await backends.store(backend).get(owner(plugin), "option", key);
    // The record is lost where somebody deleted our state, and the secret is not.
    if (value !== undefined && isLasting(backend) && owners?.has(owner(plugin), backend) === false) {
      owners.add(owner(plugin), backend);
    }
    return value;
  };
  const serve = (asking: PluginInfo): Secrets => ({
    get: async (name) => store().get(owner(asking.id), "own", name),
    set: (name, value) =>
      changing("secret set", asking.id, name, async () =>
        lasting(owner(asking.id)).set(owner(asking.id), "own", name, value),
      ),
    delete: (name) =>
      changing("secret delete", asking.id, name, async () => store().delete(owner(asking.id), "own", name)),
    option: async (plugin, key) => {
      if (asking.tier === "builtin" || asking.id === plugin) return option(plugin, key);
      throw new CodedError("E_TRUST", `\`${asking.id}\` may not read secret options of \`${plugin}\``, {
        hint: "only the plugin itself and what comes with Plugsmith may",
      });
    },
  });
  return {
    service: { key: secretService.key, open: serve },
    backend: () => backends.chosen(),
    option,
    setOption: (plugin, key, value) =>
      changing("secret option set", plugin, key, async () =>
        lasting(owner(plugin)).set(owner(plugin), "option", key, value),
      ),
    deleteOption: (plugin, key) =>
      changing("secret option delete", plugin, key, async () => store().delete(owner(plugin), "option", key)),
    forget: (plugin) =>
      recorded(audit, { action: "secret forget", subject: plugin }, async () => {
        const backend = backends.chosen();
        const forgotten = await backends.store(backend).forget(owner(plugin));
        owners?.remove(owner(plugin), backend);
        return forgotten;
      }),
  };
}
