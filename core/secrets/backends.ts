import type { LayeredValue, Settings, SettingsLayer } from "../../plugin-api/services/settings.ts";
import { CodedError } from "../../schemas/errors.ts";
import { isRecord } from "../../schemas/record.ts";
import { BACKENDS, isBackend, type SecretBackend } from "../../schemas/secret-backend.ts";
import { commandStore } from "./command-store.ts";
import { encryptedEntries } from "./encrypted-entries.ts";
import { EntryStore } from "./entry-store.ts";
import { EnvironmentStore } from "./environment-store.ts";
import { keychainEntries } from "./keychain-entries.ts";
import { MemoryStore } from "./memory-store.ts";
import { Passphrase, type AskPassphrase } from "./passphrase.ts";
import { readSecretCommand } from "./secret-command.ts";
import type { SecretStore } from "./secret-store.ts";

/** What back ends are made with. */
export interface BackendOptions {
  /** `secrets` in it says where they lie; without it, in the keychain. */
  readonly settings: Pick<Settings, "layers">;
  /** Variables of the host itself. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder of the encrypted file. */
  readonly directory: string;
  readonly askPassphrase?: AskPassphrase | undefined;
}

/** A repository has no say in where secrets lie, and what is run for them. */
const LAYERS: ReadonlySet<SettingsLayer> = new Set(["managed", "flags", "user"]);

/** The back ends, each made once; which one counts is asked of the settings at every call. */
export class Backends {
  readonly #options: BackendOptions;
  readonly #made = new Map<string, SecretStore>();

  constructor(options: BackendOptions) {
    this.#options = options;
  }

  /** The back end that was chosen by name. Throws `E_KEYCHAIN` for one that is none, `E_SOURCE_BLOCKED` for one that policy forbids. */
  chosen(): SecretBackend {
    const [place] = this.#members("backend");
    const name = place === undefined ? "keychain" : place.value;
    if (!isBackend(name)) {
      const shown = typeof name === "string" ? `\`${name}\`, which is no back end` : "not a text";
      throw new CodedError("E_KEYCHAIN", `\`secrets.backend\` is ${shown}`, {
        hint: `choose ${BACKENDS.map((one) => `\`${one}\``).join(", ")}`,
        ...(place !== undefined && { where: place.file }),
      });
    }
    this.#requireAllowed(name);
    return name;
  }

  /** Throws `E_KEYCHAIN` where its settings are wrong. */
  store(name: SecretBackend): SecretStore {
    const [command] = name === "command" ? this.#members("command") : [];
    const key = `${name} ${JSON.stringify(command?.value)}`;
    const store = this.#made.get(key) ?? this.#make(name, command);
    this.#made.set(key, store);
    return store;
  }

  #make(name: SecretBackend, command: LayeredValue | undefined): SecretStore {
    const { environment, directory, askPassphrase } = this.#options;
    switch (name) {
      case "keychain":
        return new EntryStore(keychainEntries());
      case "encrypted-file":
        return new EntryStore(encryptedEntries(directory, new Passphrase(environment, askPassphrase)));
      case "command":
        return commandStore(readSecretCommand(command?.value, command?.file ?? "settings.json"), environment);
      case "environment":
        return new EnvironmentStore(environment);
      case "memory":
        return new MemoryStore();
    }
  }

  /** Every administrator's list must name it; a list that cannot be read names none. */
  #requireAllowed(name: SecretBackend): void {
    for (const { layer, value, file } of this.#members("allowedBackends")) {
      if (layer !== "managed" || (Array.isArray(value) && value.includes(name))) continue;
      const allowed = Array.isArray(value) ? value.filter(isBackend) : [];
      throw new CodedError(
        "E_SOURCE_BLOCKED",
        `policy does not allow secrets in \`${name}\` (\`secrets.allowedBackends\`)`,
        {
          hint:
            allowed.length === 0
              ? "ask your administrator about the rule"
              : `choose ${allowed.map((one) => `\`${one}\``).join(" or ")} as \`secrets.backend\` in your settings`,
          where: file,
        },
      );
    }
  }

  #members(key: string): readonly LayeredValue[] {
    return this.#options.settings.layers("secrets").flatMap(({ layer, file, value }) => {
      if (!LAYERS.has(layer)) return [];
      // What an administrator wrote and nobody can read forbids everything.
      if (!isRecord(value)) return layer === "managed" ? [{ layer, file, value: undefined }] : [];
      return Object.hasOwn(value, key) ? [{ layer, file, value: value[key] }] : [];
    });
  }
}

/** Whether what it keeps outlives the process and is ours to delete. */
export function isLasting(backend: SecretBackend): boolean {
  return backend === "keychain" || backend === "encrypted-file" || backend === "command";
}
