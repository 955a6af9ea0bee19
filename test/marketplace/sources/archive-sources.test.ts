import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkPublicAddress } from "../../../marketplace/archives/download-archive.ts";
import type { CatalogSnapshot } from "../../../marketplace/catalog/snapshot.ts";
import { ArchiveSources, type ArchiveSourcesOptions } from "../../../marketplace/sources/archive-sources.ts";
import { SourceRewrites } from "../../../marketplace/sources/source-rewrites.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";
import { tarball } from "../../support/package-tarball.ts";
import { type RegistryServer, registryServer } from "../../support/registry-server.ts";
import { type TemporaryHome, temporaryHome } from "../../support/temporary-home.ts";
import { zipArchive } from "../../support/zip-archive.ts";
import { textsOf } from "./market-bench.ts";

const MANIFEST = JSON.stringify({ name: "tool", version: "1.2.0" });
const ZIP = zipArchive([
  { name: "tool-1/.claude-plugin/plugin.json", text: MANIFEST },
  { name: "tool-1/skills/note/SKILL.md", text: "---\nname: note\ndescription: x\n---\n" },
]);
const TARBALL = tarball([["tool/.claude-plugin/plugin.json", MANIFEST]]);
// A source needs nothing of a snapshot but the name of its marketplace.
const SNAPSHOT = { market: { name: "acme" } } as CatalogSnapshot;

const code = (value: string) => expect.objectContaining({ code: value }) as Error;
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** An entry as a catalog has it, but with an address that only a test may use. */
function entryAt(url: string, digest?: string, raw: Readonly<Record<string, unknown>> = {}): CatalogEntry {
  const source = { kind: "archive", url, ...(digest === undefined ? {} : { sha256: digest }) } as const;
  const where = { file: "marketplace.json", line: 1, column: 1 };
  return { name: "tool", source, where, raw, strict: true } as unknown as CatalogEntry;
}

function sourcesOf(files: TemporaryHome, options: Partial<ArchiveSourcesOptions> = {}): ArchiveSources {
  return new ArchiveSources({
    cache: files.path("cache"),
    offline: false,
    signal: new AbortController().signal,
    progress: () => undefined,
    checkAddress: () => undefined,
    rewrites: new SourceRewrites([]),
    ...options,
  });
}

function serve(server: RegistryServer, body: Buffer): string {
  server.misbehave("/tool.zip", { body });
  return new URL("tool.zip", server.url).href;
}

describe("a plugin that is an archive", () => {
  it.each([
    ["a zip", ZIP, 2],
    ["a tarball", TARBALL, 1],
  ])("comes from %s, is locked by digest and comes from the cache after that", async (_, bytes, count) => {
    await using server = await registryServer();
    using files = temporaryHome();
    const url = serve(server, bytes);
    const sources = sourcesOf(files);
    const entry = entryAt(url, sha256(bytes));
    const [offer] = await sources.offers(SNAPSHOT, entry);
    const source = { kind: "archive", url, sha256: sha256(bytes) } as const;
    expect(offer).toMatchObject({ version: "1.2.0", unversioned: false, source });
    const [opened] = await sources.open([{ snapshot: SNAPSHOT, entry, offer: offer! }]);
    expect(Object.keys(textsOf(opened!.tree))).toHaveLength(count);
    const offline = sourcesOf(files, { offline: true });
    expect(Object.keys(textsOf(await offline.openLocked(source, "tool@acme")))).toHaveLength(count);
    expect(server.requests).toHaveLength(1);
  });

  it("without a digest in the catalog is locked to the one that it had", async () => {
    await using server = await registryServer();
    using files = temporaryHome();
    const url = serve(server, ZIP);
    expect(await sourcesOf(files).offers(SNAPSHOT, entryAt(url))).toMatchObject([{ source: { sha256: sha256(ZIP) } }]);
  });

  it("AX22: with other bytes than the lock or the catalog names is refused before it is unpacked", async () => {
    await using server = await registryServer();
    using files = temporaryHome();
    const url = serve(server, Buffer.from("not even an archive"));
    const source = { kind: "archive", url, sha256: sha256(ZIP) } as const;
    await expect(sourcesOf(files).openLocked(source, "tool@acme")).rejects.toThrow(code("E_INTEGRITY"));
    await expect(sourcesOf(files).offers(SNAPSHOT, entryAt(url, sha256(ZIP)))).rejects.toThrow(code("E_INTEGRITY"));
  });

  it("is asked for with the headers of its entry, but for those that say who asks", async () => {
    await using server = await registryServer();
    using files = temporaryHome();
    const url = serve(server, ZIP);
    const headers = { authorization: "Bearer t", host: "evil.example", "X-Forwarded-For": "1.1.1.1", cookie: "a=b" };
    await sourcesOf(files).offers(SNAPSHOT, entryAt(url, undefined, { headers }));
    expect(server.requests[0]).toMatchObject({ authorization: "Bearer t", host: server.host });
  });

  it.each<[string, Parameters<RegistryServer["misbehave"]>[1], string]>([
    ["401", { status: 401 }, "E_AUTH"],
    ["404", { status: 404 }, "E_NETWORK"],
    ["a redirect to a link-local address", { redirect: "https://169.254.169.254/x.zip" }, "E_SOURCE_BLOCKED"],
    ["a redirect without TLS", { redirect: "http://public.example/x.zip" }, "E_SOURCE_BLOCKED"],
    ["half of it", { truncateAfter: 1 }, "E_NETWORK"],
    ["a page", { body: "<html>" }, "E_ARCHIVE_CORRUPT"],
  ])("is refused when the server answers %s", async (_, how, expected) => {
    await using server = await registryServer();
    using files = temporaryHome();
    server.misbehave("/tool.zip", how);
    const entry = entryAt(new URL("tool.zip", server.url).href);
    await expect(sourcesOf(files).offers(SNAPSHOT, entry)).rejects.toThrow(code(expected));
  });

  it("comes from an administrator's mirror under its own name, with its own digest and without what opens the original", async () => {
    await using server = await registryServer();
    using files = temporaryHome();
    serve(server, ZIP);
    const place = { key: "sourceRewrites.0", file: "managed.json" };
    const rewrites = new SourceRewrites([
      { sourceRewrites: { rules: [{ from: "https://files.example/", to: server.url, place }] } },
    ]);
    const options = { rewrites, checkAddress: checkPublicAddress };
    const url = "https://files.example/tool.zip";
    const entry = entryAt(url, sha256(ZIP), { headers: { authorization: "Bearer t" } });
    const [offer] = await sourcesOf(files, options).offers(SNAPSHOT, entry);
    expect(offer?.source).toEqual({ kind: "archive", url, sha256: sha256(ZIP) });
    expect(server.requests).toMatchObject([{ path: "/tool.zip", authorization: undefined }]);
    using others = temporaryHome();
    serve(server, TARBALL);
    await expect(sourcesOf(others, options).offers(SNAPSHOT, entry)).rejects.toThrow(code("E_INTEGRITY"));
  });

  it.each([
    "https://127.0.0.1/x",
    "https://10.0.0.1/x",
    "https://[::1]/x",
    "https://metadata.internal/x",
    "http://a.example/x",
  ])("is not fetched from %s", (address) => {
    expect(() => checkPublicAddress(new URL(address))).toThrow(code("E_SOURCE_BLOCKED"));
  });
});
