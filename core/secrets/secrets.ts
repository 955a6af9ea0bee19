import type { PluginInfo } from "../../plugin-api/plugin-info.ts";
import type { Audit } from "../../plugin-api/service-contracts.ts";
import { secretService, type Secrets } from "../../plugin-api/services/secrets.ts";
import type { Settings, SettingsLayer } from "../../plugin-api/services/settings.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { HostService } from "../services/service-registry.ts";
import { EnvironmentStore } from "./environment-store.ts";
import { KeychainStore } from "./keychain-store.ts";
import { MemoryStore } from "./memory-store.ts";
import type { SecretOwners } from "./secret-owners.ts";
import type { SecretOwner, SecretStore } from "./secret-store.ts";

/** What secrets are opened with. */
export interface SecretsOptions {
  /** `secrets.backend` in it chooses where they lie; without it, in the keychain. */
  readonly settings: Pick<Settings, "layers">;
  /** Variables of the host itself. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Identity of the source of a plugin; `undefined` for one that is not known, which has no secrets. */
  readonly identityOf: (plugin: string) => string | undefined;
  readonly audit: Audit;
  /** Where is kept who has an entry in the keychain, so that it goes with its plugin; nothing is when absent. */
  readonly owners?: SecretOwners | undefined;
}

/** The secrets of plugins, and what a person does with them. */
export interface OpenSecrets {
  readonly service: HostService;
  /** Keeps the value of an option that is declared sensitive. */
  setOption(plugin: string, key: string, value: string): Promise<void>;
  /** Deletes all secrets of a plugin, e.g. when it is uninstalled. */
  forget(plugin: string): Promise<boolean>;
}

const KEYCHAIN = "keychain";
/** Back ends that have a name already and no body yet. */
const LATER: ReadonlySet<string> = new Set(["encrypted-file", "command"]);
/** A repository has no say in where secrets lie. */
const LAYERS: ReadonlySet<SettingsLayer> = new Set(["managed", "flags", "user"]);

/** Opens the secrets without touching the keychain. */
export function openSecrets(options: SecretsOptions): OpenSecrets {
  const { identityOf, audit, owners } = options;
  const store = chosenStore(options);
  const lasting = (whose: SecretOwner): SecretStore => {
    const chosen = store();
    if (chosen instanceof KeychainStore) owners?.add(whose);
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
      if (asking.tier === "builtin" || asking.id === plugin) return store().get(owner(plugin), "option", key);
      throw new CodedError("E_TRUST", `\`${asking.id}\` may not read secret options of \`${plugin}\``, {
        hint: "only the plugin itself and what comes with Plugsmith may",
      });
    },
  });
  return {
    service: { key: secretService.key, open: serve },
    setOption: async (plugin, key, value) => {
      record("secret option set", plugin, key);
      await lasting(owner(plugin)).set(owner(plugin), "option", key, value);
    },
    forget: async (plugin) => {
      audit.append({ action: "secret forget", subject: plugin, outcome: "allowed" });
      const forgotten = await store().forget(owner(plugin));
      owners?.remove(owner(plugin));
      return forgotten;
    },
  };
}

/** The store that the settings choose at the time of the call; each is made once. */
function chosenStore({ settings, environment }: SecretsOptions): () => SecretStore {
  const made = new Map<string, SecretStore>();
  const make = (name: string): SecretStore => {
    switch (name) {
      case KEYCHAIN:
        return new KeychainStore();
      case "environment":
        return new EnvironmentStore(environment);
      case "memory":
        return new MemoryStore();
      default: {
        const problem = LATER.has(name) ? "is not there in this release" : "is no back end";
        throw new CodedError("E_KEYCHAIN", `\`secrets.backend\` is \`${name}\`, which ${problem}`, {
          hint: "choose `keychain`, `environment` or `memory`",
        });
      }
    }
  };
  return () => {
    const name = backendOf(settings);
    const store = made.get(name) ?? make(name);
    made.set(name, store);
    return store;
  };
}

function backendOf(settings: Pick<Settings, "layers">): string {
  for (const { layer, file, value } of settings.layers("secrets")) {
    if (!LAYERS.has(layer) || typeof value !== "object" || value === null || !("backend" in value)) continue;
    if (typeof value.backend === "string") return value.backend;
    throw new CodedError("E_KEYCHAIN", "`secrets.backend` is not a text", { where: file, hint: "correct it" });
  }
  return KEYCHAIN;
}
