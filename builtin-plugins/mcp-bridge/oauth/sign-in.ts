import { randomBytes } from "node:crypto";
import { auth, type OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js";
import { OAuthMetadataSchema } from "@modelcontextprotocol/sdk/shared/auth.js";
import { isLoopback } from "../address-check.ts";
import type { Fetch } from "../server-fetch.ts";
import { CallbackListener } from "./callback-listener.ts";
import { CredentialProvider, type OAuthSettings } from "./credential-provider.ts";
import type { CredentialStore } from "./credential-store.ts";

/** One sign-in at one server. */
export interface SignInRequest {
  readonly server: URL;
  readonly store: CredentialStore;
  readonly settings: OAuthSettings;
  readonly fetch: Fetch;
  /** What the server said when it refused: where its metadata lies, which scope it wants. */
  readonly challenge: { readonly resourceMetadataUrl?: URL | undefined; readonly scope?: string | undefined };
  /** Shows the address to the person; rejects when the person does not want to. Aborted when the answer came. */
  readonly show: (url: string, signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Signs in: discovery, registration, the person at the authorization server, exchange of the code; the tokens land in the store. */
export async function signIn(request: SignInRequest): Promise<void> {
  const { server, store, settings, fetch, challenge, signal } = request;
  const state = randomBytes(32).toString("base64url");
  const { redirectPort } = await store.load();
  const fixed = settings.callbackPort;
  await using listener = await CallbackListener.open(state, fixed ?? redirectPort, fixed === undefined);
  const url = `http://${fixed === undefined ? "127.0.0.1" : "localhost"}:${String(listener.port)}/callback`;
  const discovery = await namedServer(settings, fetch);
  const provider = new CredentialProvider(store, settings, { url, port: listener.port, state }, discovery);
  const options = {
    serverUrl: server,
    fetchFn: fetch,
    ...((settings.scopes ?? challenge.scope) !== undefined && { scope: settings.scopes ?? challenge.scope ?? "" }),
    ...(challenge.resourceMetadataUrl !== undefined && { resourceMetadataUrl: challenge.resourceMetadataUrl }),
  };
  if ((await auth(provider, options)) === "AUTHORIZED") return;
  const { authorizationUrl } = provider;
  if (authorizationUrl === undefined) throw new Error("the authorization server named no address to sign in at");
  requireBrowserAddress(authorizationUrl);
  const { code, issuer } = await personAnswers(request, listener, authorizationUrl.href);
  const expected = provider.discoveryState()?.authorizationServerMetadata?.issuer;
  if (issuer !== undefined && expected !== undefined && issuer !== expected) {
    throw new Error(`\`${issuer.slice(0, 200)}\` answered in the place of \`${expected}\`; the answer was not used`);
  }
  signal.throwIfAborted();
  await auth(provider, { ...options, authorizationCode: code });
}

async function personAnswers({ show, signal }: SignInRequest, listener: CallbackListener, url: string) {
  const over = new AbortController();
  const both = AbortSignal.any([signal, over.signal]);
  const refused = Promise.withResolvers<never>();
  show(url, both).catch(refused.reject);
  try {
    return await Promise.race([listener.result(both), refused.promise]);
  } finally {
    over.abort(new Error("the sign-in is over"));
  }
}

/** A page for the browser: https, or http on this machine; never a script, a file or another program (attacks.md PR10). */
function requireBrowserAddress(url: URL): void {
  if (url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))) return;
  throw new Error(
    `the authorization server wants to open \`${url.protocol}//${url.host}\`, which is not https; that was refused`,
  );
}

/** The authorization server that a configuration names instead of discovery. */
async function namedServer(
  { authServerMetadataUrl }: OAuthSettings,
  fetch: Fetch,
): Promise<OAuthDiscoveryState | undefined> {
  if (authServerMetadataUrl === undefined) return undefined;
  const response = await fetch(authServerMetadataUrl);
  if (!response.ok) throw new Error(`\`${authServerMetadataUrl}\` answered with ${String(response.status)}`);
  const metadata = OAuthMetadataSchema.parse(await response.json());
  return { authorizationServerUrl: metadata.issuer, authorizationServerMetadata: metadata };
}
