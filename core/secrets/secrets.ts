import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import { secretService, type Secrets } from "../../plugin-api/services/secrets.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { SecretBackend } from "../../schemas/secret-backend.ts";
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
  const record = (action: string, plugin: string, name: string): void =>
    audit.append({ action, subject: plugin, outcome: "allowed", detail: { name } });
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
    set: async (name, value) => {
      record("secret set", asking.id, name);
      await lasting(owner(asking.id)).set(owner(asking.id), "own", name, value);
    },
    delete: async (name) => {
      record("secret delete", asking.id, name);
      return store().delete(owner(asking.id), "own", name);
    },
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
    setOption: async (plugin, key, value) => {
      record("secret option set", plugin, key);
      await lasting(owner(plugin)).set(owner(plugin), "option", key, value);
    },
    deleteOption: async (plugin, key) => {
      record("secret option delete", plugin, key);
      return store().delete(owner(plugin), "option", key);
    },
    forget: async (plugin) => {
      audit.append({ action: "secret forget", subject: plugin, outcome: "allowed" });
      const backend = backends.chosen();
      const forgotten = await backends.store(backend).forget(owner(plugin));
      owners?.remove(owner(plugin), backend);
      return forgotten;
    },
  };
}
