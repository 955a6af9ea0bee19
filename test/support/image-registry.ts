import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { canary } from "./canary.ts";

/** How the registry answers a manifest request instead of as it should. */
export interface ImageMisbehaviour {
  readonly status?: number;
  /** In place of the digest of the bytes. */
  readonly digest?: string;
  readonly type?: string;
  readonly redirect?: string;
  /** Sends so many bytes for a manifest. */
  readonly size?: number;
}

/** A request as the registry saw it. */
export interface ImageRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
}

/** Who may read: everybody; who has a token, which anybody or one person gets; or who has a password. */
export type ImageAccess = "open" | "token" | "token for a person" | "password";

const INDEX = "application/vnd.oci.image.index.v1+json";
const TOKEN = canary("image-token");
/** What a person's settings hold for `me` with that password. */
export const PERSON: string = Buffer.from(`me:${canary("images")}`).toString("base64");

/** A real HTTP server that speaks the API of registries of images as far as tags and manifests go; every request is on record. */
export class ImageRegistry implements AsyncDisposable {
  readonly requests: ImageRequest[] = [];
  access: ImageAccess = "open";
  misbehaviour: ImageMisbehaviour = {};
  /** Where tokens are said to come from; default: here. */
  realm: string | undefined;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #tags = new Map<string, string>();

  /** `127.0.0.1:port`. */
  get host(): string {
    // A server that listens on a port has an address with one.
    return `127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Pushes an index under a tag, e.g. `acme/say:1`; returns its digest. */
  push(name: string, note: string): `sha256:${string}` {
    const index = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], annotations: { note } });
    this.#tags.set(name, index);
    return digestOf(index);
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? "/", "http://registry");
    const { authorization, accept } = request.headers;
    this.requests.push({ method: request.method ?? "GET", path: url.pathname, authorization, accept });
    if (url.pathname === "/token") return this.#token(url, authorization, response);
    const needed = this.access === "password" ? `Basic ${PERSON}` : `Bearer ${TOKEN}`;
    if (this.access !== "open" && authorization !== needed) return this.#challenge(response);
    const { status, digest, type, redirect, size } = this.misbehaviour;
    if (redirect !== undefined) return void response.writeHead(307, { location: redirect }).end();
    const [, name = "", tag = ""] = /^\/v2\/(.+)\/manifests\/([^/]+)$/u.exec(url.pathname) ?? [];
    const index = this.#tags.get(`${name}:${tag}`);
    if (status !== undefined || index === undefined || accept?.includes(INDEX) !== true)
      return void response.writeHead(status ?? 404, { "content-type": "application/json" }).end(`{"errors":[]}`);
    const body = size === undefined ? index : " ".repeat(size);
    response.writeHead(200, {
      "content-type": type ?? INDEX,
      "content-length": Buffer.byteLength(body),
      "docker-content-digest": digest ?? digestOf(index),
    });
    response.end(request.method === "HEAD" ? undefined : body);
  }

  #challenge(response: ServerResponse): void {
    const realm = this.realm ?? `http://${this.host}/token`;
    const way =
      this.access === "password"
        ? 'Basic realm="images"'
        : `Bearer realm="${realm}",service="images",scope="repository:x:pull,push"`;
    response.writeHead(401, { "www-authenticate": way }).end(`{"errors":[]}`);
  }

  #token(url: URL, authorization: string | undefined, response: ServerResponse): void {
    const isAsked =
      url.searchParams.get("service") === "images" &&
      /^repository:[^:]+:pull$/u.test(url.searchParams.get("scope") ?? "");
    const isRefused = this.access === "token for a person" && authorization !== `Basic ${PERSON}`;
    if (!isAsked || isRefused) return void response.writeHead(401).end("{}");
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ token: TOKEN }));
  }
}

/** Starts a registry of images; dispose it. */
export async function imageRegistry(): Promise<ImageRegistry> {
  return await new ImageRegistry().listen();
}

function digestOf(text: string): `sha256:${string}` {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
