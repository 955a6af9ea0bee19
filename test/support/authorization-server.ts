import { createHash, randomUUID } from "node:crypto";
import { canary } from "./canary.ts";
import { webServe, type WebRequest, type WebResponse, type WebServer } from "./web-server.ts";

interface Grant {
  readonly client: string;
  readonly redirect: string;
  readonly challenge: string;
  readonly resource: string | null;
  readonly scope: string | null;
}

/**
 * A strict OAuth 2.1 authorization server on the loopback address: metadata, dynamic registration, a person who always says yes,
 * S256 only, codes of one use, refresh tokens of one use.
 */
export class AuthorizationServer implements AsyncDisposable {
  readonly #server: WebServer;
  readonly #clients = new Map<string, readonly string[]>();
  readonly #codes = new Map<string, Grant>();
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, Grant>();
  /** `<what> <detail>` of everything that was done, in order. */
  readonly record: string[] = [];
  /** Where the metadata says that a person has to go; absent means its own. */
  authorizationEndpoint: string | undefined;
  /** What the person answers. */
  consent: "yes" | "no" = "yes";
  /** What the answer names as issuer, where it does. */
  issuer: string | undefined;

  private constructor(server: WebServer) {
    this.#server = server;
  }

  static async start(): Promise<AuthorizationServer> {
    const made: AuthorizationServer[] = [];
    const server = await webServe((request) => made[0]?.answer(request) ?? { status: 503 });
    const self = new AuthorizationServer(server);
    made.push(self);
    return self;
  }

  get origin(): string {
    return this.#server.origin;
  }

  /** Whether a token is good for a resource. */
  accepts(token: string, resource: string): boolean {
    const grant = this.#access.get(token);
    return grant !== undefined && (grant.resource === null || grant.resource === resource);
  }

  /** Access tokens have run out. */
  expire(): void {
    this.#access.clear();
  }

  /** Nothing that was given out is good any more. */
  revoke(): void {
    this.#access.clear();
    this.#refresh.clear();
  }

  answer(request: WebRequest): WebResponse {
    switch (`${request.method} ${request.url.pathname}`) {
      case "GET /.well-known/oauth-authorization-server":
        return { body: this.#metadata() };
      case "POST /register":
        return this.#register(JSON.parse(request.body) as { readonly redirect_uris: readonly string[] });
      case "GET /authorize":
        return this.#authorize(request.url.searchParams);
      case "POST /token":
        return this.#token(new URLSearchParams(request.body));
      default:
        return { status: 404 };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  #metadata(): object {
    return {
      issuer: this.origin,
      authorization_endpoint: this.authorizationEndpoint ?? `${this.origin}/authorize`,
      token_endpoint: `${this.origin}/token`,
      registration_endpoint: `${this.origin}/register`,
      response_types_supported: ["code"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      code_challenge_methods_supported: ["S256"],
      token_endpoint_auth_methods_supported: ["none"],
    };
  }

  #register(metadata: { readonly redirect_uris: readonly string[] }): WebResponse {
    const client = randomUUID();
    this.#clients.set(client, metadata.redirect_uris);
    this.record.push("register");
    return { status: 201, body: { ...metadata, client_id: client } };
  }

  #authorize(query: URLSearchParams): WebResponse {
    const client = query.get("client_id") ?? "";
    const redirect = query.get("redirect_uri") ?? "";
    const challenge = query.get("code_challenge") ?? "";
    const state = query.get("state") ?? "";
    const known = this.#clients.get(client)?.includes(redirect) === true;
    if (!known || query.get("response_type") !== "code" || query.get("code_challenge_method") !== "S256") {
      return { status: 400, body: "bad request" };
    }
    if (state.length < 16) return { status: 400, body: "state is missing" };
    const to = new URL(redirect);
    to.searchParams.set("state", state);
    if (this.issuer !== undefined) to.searchParams.set("iss", this.issuer);
    if (this.consent === "no") to.searchParams.set("error", "access_denied");
    else {
      const code = randomUUID();
      this.#codes.set(code, {
        client,
        redirect,
        challenge,
        resource: query.get("resource"),
        scope: query.get("scope"),
      });
      to.searchParams.set("code", code);
    }
    this.record.push(`authorize ${query.get("scope") ?? ""}`.trim());
    return { status: 302, headers: { location: to.href } };
  }

  #token(form: URLSearchParams): WebResponse {
    const kind = form.get("grant_type");
    if (kind === "authorization_code") return this.#exchange(form);
    if (kind !== "refresh_token") return refusal("unsupported_grant_type");
    const given = form.get("refresh_token") ?? "";
    const grant = this.#refresh.get(given);
    if (grant?.client !== form.get("client_id")) return refusal("invalid_grant");
    this.#refresh.delete(given);
    this.record.push("refresh");
    return this.#issue(grant);
  }

  #exchange(form: URLSearchParams): WebResponse {
    const code = form.get("code") ?? "";
    const grant = this.#codes.get(code);
    this.#codes.delete(code);
    const verifier = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    const fits =
      grant !== undefined &&
      grant.client === form.get("client_id") &&
      grant.redirect === form.get("redirect_uri") &&
      grant.challenge === verifier;
    if (!fits) return refusal("invalid_grant");
    this.record.push("token");
    return this.#issue(grant);
  }

  #issue(grant: Grant): WebResponse {
    const [access, refresh] = [`${canary("access")}-${randomUUID()}`, `${canary("refresh")}-${randomUUID()}`];
    this.#access.set(access, grant);
    this.#refresh.set(refresh, grant);
    return { body: { access_token: access, token_type: "Bearer", expires_in: 3600, refresh_token: refresh } };
  }
}

function refusal(error: string): WebResponse {
  return { status: 400, body: { error } };
}
