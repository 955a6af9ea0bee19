import { CodedError } from "../../schemas/errors.ts";
import { secretVariable } from "./secret-variable.ts";
import type { SecretKind, SecretOwner, SecretStore } from "./secret-store.ts";

/** Secrets that somebody else puts into variables of the host, e.g. in CI; they can be read and not changed. */
export class EnvironmentStore implements SecretStore {
  readonly #environment: Readonly<Record<string, string | undefined>>;

  constructor(environment: Readonly<Record<string, string | undefined>>) {
    this.#environment = environment;
  }

  async get({ id }: SecretOwner, _kind: SecretKind, name: string): Promise<string | undefined> {
    return this.#environment[secretVariable(id, name)];
  }

  async set({ id }: SecretOwner, _kind: SecretKind, name: string): Promise<void> {
    throw readOnly(secretVariable(id, name));
  }

  async delete({ id }: SecretOwner, _kind: SecretKind, name: string): Promise<boolean> {
    const variable = secretVariable(id, name);
    if (this.#environment[variable] === undefined) return false;
    throw readOnly(variable);
  }

  async forget(): Promise<boolean> {
    return false;
  }
}

function readOnly(variable: string): CodedError {
  return new CodedError("E_KEYCHAIN", "`secrets.backend` is `environment`, which can be read only", {
    hint: `set or unset the variable \`${variable}\` where the host is started`,
  });
}
