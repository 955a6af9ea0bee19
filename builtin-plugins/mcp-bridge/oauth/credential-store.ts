import { createHash } from "node:crypto";
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js";
import { isObject, type Secrets } from "plugsmith/plugin-api";

/** What a sign-in leaves behind. */
export interface Credentials {
  readonly tokens?: OAuthTokens | undefined;
  readonly client?: OAuthClientInformationMixed | undefined;
  /** Port of the redirect address that `client` was registered with. */
  readonly redirectPort?: number | undefined;
}

/** Credentials of one server of one plugin at one address, in the keychain and nowhere else (attacks.md PR12). */
export class CredentialStore {
  readonly #secrets: Secrets | undefined;
  readonly #name: string;

  constructor(
    secrets: Secrets | undefined,
    server: { readonly plugin: string; readonly name: string; readonly url: string },
  ) {
    const digest = createHash("sha256")
      .update(JSON.stringify([server.plugin, server.name, server.url]))
      .digest("hex");
    this.#secrets = secrets;
    this.#name = `oauth-${digest.slice(0, 32)}`;
  }

  /** Throws `E_KEYCHAIN`. */
  async load(): Promise<Credentials> {
    const text = await this.#secrets?.get(this.#name);
    if (text === undefined) return {};
    const value: unknown = JSON.parse(text);
    // Written by `save` and read by nobody else.
    return isObject(value) ? (value as Credentials) : {};
  }

  /** Throws when there is no place for secrets. */
  async save(credentials: Credentials): Promise<void> {
    if (this.#secrets === undefined) throw new Error("there is no keychain to keep the sign-in in; nothing was stored");
    await this.#secrets.set(this.#name, JSON.stringify(credentials));
  }

  async clear(): Promise<boolean> {
    return (await this.#secrets?.delete(this.#name)) ?? false;
  }
}
