import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { refuseCanary } from "./canary.ts";
import { integrityOf, packageTarball, type TarMember } from "./package-tarball.ts";

/** A release of a package in a registry. */
export interface Release {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly tarball: Buffer;
  readonly published: string;
  readonly dist: Readonly<Record<string, unknown>>;
}

/** How a version is published. */
export interface PublishOptions {
  /** Default `latest`. */
  readonly tag?: string;
  /** ISO date. */
  readonly published?: string;
  /** In place of one that is made of manifest and files. */
  readonly tarball?: Buffer;
  /** Members of the version's `dist` that differ. */
  readonly dist?: Readonly<Record<string, unknown>>;
}

/** How the registry answers a request instead of as it should. */
export type Misbehaviour =
  | { readonly status: number }
  /** Breaks the connection after that many bytes of the body. */
  | { readonly truncateAfter: number }
  /** Announces a body of that many bytes and sends none of it. */
  | { readonly announce: number }
  /** Sends these bytes instead of the right ones. */
  | { readonly body: Buffer | string; readonly type?: string }
  | { readonly redirect: string }
  /** Answers never. */
  | { readonly hang: true };

/** A request as the registry saw it. */
export interface RegistryRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  readonly host: string | undefined;
  /** The condition that a client asked with. */
  readonly condition: string | undefined;
}

/**
 * A real HTTP server that speaks the protocol of npm registries: full and abbreviated package documents, the document of one
 * version, tarballs. Every request is on record, and any path can be made to misbehave.
 */
export class RegistryServer implements AsyncDisposable {
  readonly requests: RegistryRequest[] = [];
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #packages = new Map<string, Map<string, Release>>();
  readonly #tags = new Map<string, Record<string, string>>();
  readonly #misbehaviours = new Map<string, Misbehaviour>();
  #token: string | undefined;

  /** Ends with a slash. */
  get url(): string {
    // A server that listens on a port has an address with one.
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/`;
  }

  /** `127.0.0.1:port`. */
  get host(): string {
    return new URL(this.url).host;
  }

  /** Publishes a version, also over one that is there. Returns its tarball's integrity. */
  publish(
    manifest: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string },
    files: Readonly<Record<string, TarMember>> = {},
    options: PublishOptions = {},
  ): string {
    const {
      tag = "latest",
      published = "2026-01-01T00:00:00.000Z",
      tarball = packageTarball(manifest, files),
      dist = {},
    } = options;
    const { name, version } = manifest;
    const releases = this.#packages.get(name) ?? new Map<string, Release>();
    releases.set(version, { manifest, tarball, published, dist });
    this.#packages.set(name, releases);
    this.#tags.set(name, { ...this.#tags.get(name), [tag]: version });
    return integrityOf(tarball);
  }

  /** Takes a version back. */
  unpublish(name: string, version: string): void {
    this.#packages.get(name)?.delete(version);
  }

  /** Lets a tag stand for a version. */
  tag(name: string, tag: string, version: string): void {
    this.#tags.set(name, { ...this.#tags.get(name), [tag]: version });
  }

  /** From now on every request needs this bearer token. */
  demandToken(token: string): void {
    this.#token = token;
  }

  /** Makes a path, e.g. `/left/-/left-1.0.0.tgz`, answer otherwise; `undefined` mends it. */
  misbehave(path: string, how: Misbehaviour | undefined): void {
    if (how === undefined) this.#misbehaviours.delete(path);
    else this.#misbehaviours.set(path, how);
  }

  /** The path of a tarball. */
  tarballPath(name: string, version: string): string {
    return `/${name}/-/${name.slice(name.indexOf("/") + 1)}-${version}.tgz`;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    // Who asks for a token is meant to get it.
    if (this.#token === undefined) refuseCanary(JSON.stringify(this.requests), "what a registry was sent");
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://registry").pathname);
    const { authorization, accept, host } = request.headers;
    const condition = request.headers["if-none-match"];
    this.requests.push({ method: request.method ?? "GET", path, authorization, accept, host, condition });
    const how = this.#misbehaviours.get(path);
    if (how !== undefined) return this.#misbehaves(path, how, response);
    if (this.#token !== undefined && authorization !== `Bearer ${this.#token}`)
      return send(response, 401, { error: "unauthorized" });
    const bytes = this.#tarballAt(path);
    if (bytes !== undefined) return send(response, 200, bytes);
    const document = this.#documentAt(path, accept?.includes("application/vnd.npm.install-v1+json") === true);
    if (document === undefined) return send(response, 404, { error: "not found" });
    const etag = `"${createHash("sha256").update(JSON.stringify(document)).digest("hex")}"`;
    if (condition === etag) return void response.writeHead(304, { etag }).end();
    return send(response, 200, document, { etag, vary: "accept" });
  }

  #misbehaves(path: string, how: Misbehaviour, response: ServerResponse): void {
    if ("status" in how) return send(response, how.status, { error: `status ${String(how.status)}` });
    if ("redirect" in how) return void response.writeHead(302, { location: how.redirect }).end();
    if ("hang" in how) return;
    if ("announce" in how) {
      response.writeHead(200, { "content-type": "application/json", "content-length": how.announce });
      return void response.write("{");
    }
    if ("body" in how) {
      const body = Buffer.from(how.body);
      return void response.writeHead(200, { "content-type": how.type ?? "application/octet-stream" }).end(body);
    }
    const whole = this.#tarballAt(path) ?? Buffer.from(JSON.stringify(this.#documentAt(path, false) ?? {}));
    response.writeHead(200, { "content-length": whole.length });
    response.write(whole.subarray(0, how.truncateAfter), () => response.destroy());
  }

  #tarballAt(path: string): Buffer | undefined {
    const [, name = "", file = ""] = /^\/(.+)\/-\/(.+)\.tgz$/.exec(path) ?? [];
    return this.#packages.get(name)?.get(file.slice(name.slice(name.indexOf("/") + 1).length + 1))?.tarball;
  }

  #documentAt(path: string, isAbbreviated: boolean): Readonly<Record<string, unknown>> | undefined {
    const [, name = "", version] = /^\/((?:@[^/]+\/)?[^/]+)(?:\/([^/]+))?$/.exec(path) ?? [];
    const releases = this.#packages.get(name);
    const tags = this.#tags.get(name) ?? {};
    if (releases === undefined) return undefined;
    if (version !== undefined) {
      const release = releases.get(tags[version] ?? version);
      return release && this.#versionDocument(name, release);
    }
    const versions = Object.fromEntries([...releases].map(([key, one]) => [key, this.#versionDocument(name, one)]));
    const times = Object.fromEntries([...releases].map(([key, { published }]) => [key, published]));
    const modified = Object.values(times).sort().at(-1);
    return {
      name,
      "dist-tags": tags,
      versions,
      ...(isAbbreviated ? { modified } : { _id: name, time: { ...times, created: modified, modified } }),
    };
  }

  #versionDocument(name: string, { manifest, tarball, dist: differing }: Release): Readonly<Record<string, unknown>> {
    const version = String(manifest["version"]);
    const dist = {
      tarball: new URL(this.tarballPath(name, version), this.url).href,
      integrity: integrityOf(tarball),
      shasum: createHash("sha1").update(tarball).digest("hex"),
      ...differing,
    };
    return { ...manifest, dist };
  }
}

/** Starts a registry with nothing in it. */
export function registryServer(): Promise<RegistryServer> {
  return new RegistryServer().listen();
}

function send(
  response: ServerResponse,
  status: number,
  body: Buffer | Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isBytes = Buffer.isBuffer(body);
  const type = isBytes ? "application/octet-stream" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers });
  response.end(isBytes ? body : JSON.stringify(body));
}
