import { webServe, type WebServer } from "./web-server.ts";

/** A package as a registry was given it. */
export interface PublishedPackage {
  readonly name: string;
  readonly version: string;
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly archive: Buffer;
}

/** The publishing half of the protocol of npm registries. */
export interface PublishServer extends WebServer {
  readonly published: readonly PublishedPackage[];
}

/** What npm clients send. */
interface Document {
  readonly name: string;
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly _attachments: Readonly<Record<string, { readonly data: string; readonly length: number }>>;
}

/** Takes packages below `/npm/` from who has the token, each version once. */
export async function publishServer(token: string): Promise<PublishServer> {
  const published: PublishedPackage[] = [];
  const server = await webServe(({ method, url, headers, body }) => {
    if (method !== "PUT" || !url.pathname.startsWith("/npm/")) return { status: 404, body: { error: "not found" } };
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: "who are you" } };
    // The protocol's document, which the tests look into.
    const document = JSON.parse(body) as Document;
    if (decodeURIComponent(url.pathname) !== `/npm/${document.name}`)
      return { status: 400, body: { error: "another name" } };
    const [version = "", manifest = {}] = Object.entries(document.versions)[0] ?? [];
    const [attachment] = Object.values(document._attachments);
    const archive = Buffer.from(attachment?.data ?? "", "base64");
    if (archive.length !== attachment?.length) return { status: 400, body: { error: "another length" } };
    if (published.some((one) => one.name === document.name && one.version === version)) {
      return { status: 403, body: { error: `You cannot publish over the previously published versions: ${version}.` } };
    }
    published.push({ name: document.name, version, manifest, archive });
    return { status: 201, body: { ok: true } };
  });
  return { ...server, published, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
