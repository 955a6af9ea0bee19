import { extractWWWAuthenticateParams } from "@modelcontextprotocol/sdk/client/auth.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CredentialProvider, readOAuthSettings, type OAuthSettings } from "./oauth/credential-provider.ts";
import type { CredentialStore } from "./oauth/credential-store.ts";
import { serverFetch, type Fetch } from "./server-fetch.ts";
import { SocketTransport } from "./socket-transport.ts";
import { MESSAGE_LIMITS } from "./stdio-transport.ts";
import type { Endpoint } from "./endpoint.ts";

/** A server that is reached over the network. */
export type RemoteEndpoint = Exclude<Endpoint, { readonly transport: "stdio" }>;

/** A transport with what a sign-in for it needs. */
export interface RemoteTransport {
  readonly transport: Transport;
  readonly ending: () => string | undefined;
  readonly fetch: Fetch;
  readonly settings: OAuthSettings;
  /** What the server said when it last refused. */
  readonly challenge: () => { readonly resourceMetadataUrl?: URL | undefined; readonly scope?: string | undefined };
}

/** Makes the transport to a server; nothing is sent yet. `helper` runs the `headersHelper`. */
export async function remoteTransport(
  endpoint: RemoteEndpoint,
  store: CredentialStore,
  helper: () => Promise<Readonly<Record<string, string>>>,
  onRefused: (reason: string) => void,
): Promise<RemoteTransport> {
  const url = new URL(endpoint.url);
  const { headersHelper } = endpoint;
  let helped: Promise<Readonly<Record<string, string>>> | undefined;
  let challenge: ReturnType<typeof extractWWWAuthenticateParams> = {};
  const headers = async (again: boolean): Promise<Readonly<Record<string, string>>> => {
    if (headersHelper !== undefined && (again || helped === undefined)) helped = helper();
    return { ...endpoint.headers, ...(await helped) };
  };
  const fetch = serverFetch({
    server: url,
    maxBytes: MESSAGE_LIMITS.maxBytes,
    headers,
    renewable: headersHelper !== undefined,
    onRefused,
    onUnauthorized: (response) => {
      challenge = extractWWWAuthenticateParams(response);
    },
  });
  const settings = readOAuthSettings(endpoint.oauth);
  const shared = { fetch, settings, challenge: () => challenge };
  if (endpoint.transport === "ws") {
    const transport = new SocketTransport(endpoint.url, await headers(false), MESSAGE_LIMITS.maxBytes);
    return { ...shared, transport, ending: () => transport.ending };
  }
  // Who configures credentials does not sign in as well: a refusal then means that they are wrong.
  const configured = Object.keys(endpoint.headers).some((name) => name.toLowerCase() === "authorization");
  const authProvider = configured ? undefined : new CredentialProvider(store, settings);
  const transport = await httpTransport(endpoint.transport, url, { fetch, ...(authProvider && { authProvider }) });
  return { ...shared, transport, ending: () => undefined };
}

async function httpTransport(
  kind: "http" | "sse",
  url: URL,
  options: { readonly fetch: Fetch; readonly authProvider?: CredentialProvider },
): Promise<Transport> {
  if (kind === "sse") {
    const { SSEClientTransport } = await import("@modelcontextprotocol/sdk/client/sse.js");
    return new SSEClientTransport(url, options);
  }
  const { StreamableHTTPClientTransport } = await import("@modelcontextprotocol/sdk/client/streamableHttp.js");
  // The transport's session id is optional in a way that its own interface does not allow.
  return new StreamableHTTPClientTransport(url, options) as Transport;
}
