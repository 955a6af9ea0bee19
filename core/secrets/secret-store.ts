/** Whose secrets: the same id from another source is somebody else (attacks.md SC07). */
export interface SecretOwner {
  /** `name@market`. */
  readonly id: string;
  /** Identity of its source, e.g. `github.com/acme/market`. */
  readonly identity: string;
}

/** What a plugin keeps for itself, and values of options that its manifest declares sensitive. */
export type SecretKind = "own" | "option";

/** A back end. Every method throws `E_KEYCHAIN` with what to do. */
export interface SecretStore {
  get(owner: SecretOwner, kind: SecretKind, name: string): Promise<string | undefined>;
  set(owner: SecretOwner, kind: SecretKind, name: string, value: string): Promise<void>;
  /** `false` when there was none. */
  delete(owner: SecretOwner, kind: SecretKind, name: string): Promise<boolean>;
  /** Deletes everything of one owner; `false` when there was nothing. */
  forget(owner: SecretOwner): Promise<boolean>;
}

/** A place that keeps one text an owner; `EntryStore` makes a back end of it. Every method throws `E_KEYCHAIN` or `E_IO`. */
export interface SecretEntries {
  /** `undefined` when there is none. */
  read(owner: SecretOwner): Promise<string | undefined>;
  write(owner: SecretOwner, text: string): Promise<void>;
  /** `false` when there was none. */
  remove(owner: SecretOwner): Promise<boolean>;
}
