import { CodedError } from "../../schemas/errors.ts";
import { NO_SECRETS, parseSecrets, renderSecrets, withSecret, type SecretMap } from "./secret-map.ts";
import type { SecretEntries, SecretKind, SecretOwner, SecretStore } from "./secret-store.ts";

/** More than any token, and less than what keychains refuse without a word. */
const MAX_SECRET_BYTES = 65_536;

/** One entry an owner; calls go one after the other, because parallel ones gain nothing and a change reads first. */
export class EntryStore implements SecretStore {
  readonly #entries: SecretEntries;
  #last: Promise<unknown> = Promise.resolve();

  constructor(entries: SecretEntries) {
    this.#entries = entries;
  }

  get(owner: SecretOwner, kind: SecretKind, name: string): Promise<string | undefined> {
    return this.#queued(async () => (await this.#read(owner))[kind].get(name));
  }

  set(owner: SecretOwner, kind: SecretKind, name: string, value: string): Promise<void> {
    return this.#queued(async () => {
      requireSize(name, value);
      const map = await this.#read(owner);
      await this.#entries.write(owner, renderSecrets(withSecret(map, kind, name, value)));
    });
  }

  delete(owner: SecretOwner, kind: SecretKind, name: string): Promise<boolean> {
    return this.#queued(async () => {
      const before = await this.#read(owner);
      if (!before[kind].has(name)) return false;
      const after = withSecret(before, kind, name, undefined);
      if (after.own.size + after.option.size === 0) await this.#entries.remove(owner);
      else await this.#entries.write(owner, renderSecrets(after));
      return true;
    });
  }

  forget(owner: SecretOwner): Promise<boolean> {
    return this.#queued(() => this.#entries.remove(owner));
  }

  async #read(owner: SecretOwner): Promise<SecretMap> {
    const text = await this.#entries.read(owner);
    return text === undefined ? NO_SECRETS : parseSecrets(text, owner);
  }

  #queued<Result>(use: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(use);
    this.#last = result.catch(() => undefined);
    return result;
  }
}

function requireSize(name: string, value: string): void {
  const bytes = Buffer.byteLength(value);
  if (bytes <= MAX_SECRET_BYTES) return;
  throw new CodedError("E_KEYCHAIN", `the secret \`${name}\` has ${bytes} bytes, more than ${MAX_SECRET_BYTES}`, {
    hint: "keep large things in a file that only you can read, and make its path the option",
  });
}
