import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js";
import type {
  OAuthClientInformationMixed,
  OAuthClientMetadata,
  OAuthTokens,
} from "@modelcontextprotocol/sdk/shared/auth.js";
import type { CredentialStore, Credentials } from "./credential-store.ts";

/** Thrown where a person has to sign in first. */
export class SignInNeeded extends Error {
  override readonly name = "SignInNeeded";
}

/** What a configuration says about signing in (formats.md §7.1). */
export interface OAuthSettings {
  readonly clientId?: string | undefined;
  readonly callbackPort?: number | undefined;
  readonly scopes?: string | undefined;
  readonly authServerMetadataUrl?: string | undefined;
}

/** A sign-in under way; absent where credentials are only used. */
export interface Redirect {
  readonly url: string;
  readonly port: number;
  readonly state: string;
}

/** Credentials of one server as the SDK asks for them. Without a redirect it never registers and never sends a person anywhere. */
export class CredentialProvider implements OAuthClientProvider {
  readonly #store: CredentialStore;
  readonly #settings: OAuthSettings;
  readonly #redirect: Redirect | undefined;
  #held: Credentials | undefined;
  #verifier: string | undefined;
  #discovery: OAuthDiscoveryState | undefined;
  /** Where the person has to go. */
  authorizationUrl: URL | undefined;

  constructor(store: CredentialStore, settings: OAuthSettings, redirect?: Redirect, discovery?: OAuthDiscoveryState) {
    this.#store = store;
    this.#settings = settings;
    this.#redirect = redirect;
    this.#discovery = discovery;
  }

  get redirectUrl(): string {
    return this.#redirect?.url ?? "http://127.0.0.1/callback";
  }

  get clientMetadata(): OAuthClientMetadata {
    const { scopes } = this.#settings;
    return {
      client_name: "Plugsmith",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
      ...(scopes !== undefined && { scope: scopes }),
    };
  }

  state(): string {
    return this.#redirect?.state ?? "";
  }

  async clientInformation(): Promise<OAuthClientInformationMixed | undefined> {
    const { client, redirectPort } = await this.#load();
    if (this.#settings.clientId !== undefined) return client ?? { client_id: this.#settings.clientId };
    if (this.#redirect === undefined) {
      if (client === undefined) throw new SignInNeeded("it asks for a sign-in");
      return client;
    }
    return redirectPort === this.#redirect.port ? client : undefined;
  }

  async saveClientInformation(client: OAuthClientInformationMixed): Promise<void> {
    await this.#save({ ...(await this.#load()), client, redirectPort: this.#redirect?.port });
  }

  async tokens(): Promise<OAuthTokens | undefined> {
    return (await this.#load()).tokens;
  }

  async saveTokens(tokens: OAuthTokens): Promise<void> {
    await this.#save({ ...(await this.#load()), tokens });
  }

  redirectToAuthorization(url: URL): void {
    if (this.#redirect === undefined) throw new SignInNeeded("its sign-in has run out or was revoked");
    this.authorizationUrl = url;
  }

  saveCodeVerifier(verifier: string): void {
    this.#verifier = verifier;
  }

  codeVerifier(): string {
    if (this.#verifier === undefined) throw new SignInNeeded("no sign-in is under way");
    return this.#verifier;
  }

  saveDiscoveryState(state: OAuthDiscoveryState): void {
    this.#discovery = state;
  }

  discoveryState(): OAuthDiscoveryState | undefined {
    return this.#discovery;
  }

  /** Another process may have renewed the tokens meanwhile: then those count, and nothing is thrown away. */
  async invalidateCredentials(scope: "all" | "client" | "tokens" | "verifier" | "discovery"): Promise<void> {
    const before = await this.#load();
    this.#held = undefined;
    const { tokens, client, redirectPort } = await this.#load();
    const renewed = tokens?.access_token !== before.tokens?.access_token;
    if (scope === "verifier") this.#verifier = undefined;
    if (scope === "discovery" || scope === "all") this.#discovery = undefined;
    if (scope === "all" || scope === "client") await this.#save({});
    else if (scope === "tokens" && !renewed) await this.#save({ client, redirectPort });
  }

  /** A keychain that cannot be read holds nothing for us; that it is so is said when something has to be stored. */
  async #load(): Promise<Credentials> {
    this.#held ??= await this.#store.load().catch(() => ({}));
    return this.#held;
  }

  async #save(credentials: Credentials): Promise<void> {
    await this.#store.save(credentials);
    this.#held = credentials;
  }
}

/** Reads the `oauth` part of a configuration. */
export function readOAuthSettings(written: Readonly<Record<string, unknown>> | undefined): OAuthSettings {
  const text = (key: string): string | undefined => {
    const value = written?.[key];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const port = written?.["callbackPort"];
  return {
    clientId: text("clientId"),
    callbackPort: typeof port === "number" ? port : undefined,
    scopes: text("scopes"),
    authServerMetadataUrl: text("authServerMetadataUrl"),
  };
}
