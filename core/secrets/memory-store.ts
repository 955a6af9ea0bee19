import { NO_SECRETS, withSecret, type SecretMap } from "./secret-map.ts";
import type { SecretKind, SecretOwner, SecretStore } from "./secret-store.ts";

/** Secrets that end with the process. */
export class MemoryStore implements SecretStore {
  readonly #maps = new Map<string, SecretMap>();

  async get(owner: SecretOwner, kind: SecretKind, name: string): Promise<string | undefined> {
    return this.#of(owner)[kind].get(name);
  }

  async set(owner: SecretOwner, kind: SecretKind, name: string, value: string): Promise<void> {
    this.#maps.set(keyOf(owner), withSecret(this.#of(owner), kind, name, value));
  }

  async delete(owner: SecretOwner, kind: SecretKind, name: string): Promise<boolean> {
    const before = this.#of(owner);
    this.#maps.set(keyOf(owner), withSecret(before, kind, name, undefined));
    return before[kind].has(name);
  }

  async forget(owner: SecretOwner): Promise<boolean> {
    return this.#maps.delete(keyOf(owner));
  }

  #of(owner: SecretOwner): SecretMap {
    return this.#maps.get(keyOf(owner)) ?? NO_SECRETS;
  }
}

function keyOf({ id, identity }: SecretOwner): string {
  return `${id} ${identity}`;
}
