import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type DownloadOptions, downloadTarballs } from "../../../marketplace/packages/download.ts";
import { integrityOf, packageTarball } from "../../support/package-tarball.ts";
import { type Misbehaviour, type RegistryServer, registryServer } from "../../support/registry-server.ts";
import { temporaryHome } from "../../support/temporary-home.ts";
import { canary } from "../../support/canary.ts";

const TARBALL = packageTarball({ name: "left", version: "1.0.0" }, { "index.js": "1" });
const PATH = "/left/-/left-1.0.0.tgz";

function download(
  registry: RegistryServer,
  cache: string,
  options: Partial<DownloadOptions> = {},
  integrity = integrityOf(TARBALL),
) {
  return downloadTarballs([{ address: new URL(PATH, registry.url).href, integrity, label: "`left@1.0.0`" }], {
    options: {},
    cache,
    offline: false,
    signal: new AbortController().signal,
    timeoutMs: 20_000,
    maxBytes: 1_000_000,
    progress: () => undefined,
    ...options,
  });
}

async function registryWithLeft(): Promise<RegistryServer> {
  const registry = await registryServer();
  registry.publish({ name: "left", version: "1.0.0" }, {}, { tarball: TARBALL });
  return registry;
}

const code = (value: string) => expect.objectContaining({ code: value }) as Error;

describe("a tarball from a registry", () => {
  it("is fetched once, and then comes from the cache, also without a network", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    const first = await download(registry, files.path("cache"));
    const again = await download(registry, files.path("cache"), { offline: true });
    expect(Buffer.from(first[0]!).equals(TARBALL)).toBe(true);
    expect(Buffer.from(again[0]!).equals(TARBALL)).toBe(true);
    expect(registry.requests).toHaveLength(1);
  });

  it("that lies damaged in the cache is fetched again", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    await download(registry, files.path("cache"));
    for (const entry of readdirSync(files.path("cache/content-v2"), { recursive: true, withFileTypes: true }))
      if (entry.isFile()) writeFileSync(join(entry.parentPath, entry.name), "x");
    expect(Buffer.from((await download(registry, files.path("cache")))[0]!).equals(TARBALL)).toBe(true);
  });

  it("is asked for with the person's token", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    registry.demandToken(canary("npm"));
    await expect(download(registry, files.path("cache"))).rejects.toThrow(code("E_AUTH"));
    const options = { [`//${registry.host}/:_authToken`]: canary("npm") };
    expect(await download(registry, files.path("cache"), { options })).toHaveLength(1);
  });

  it.each<[string, Misbehaviour, string]>([
    ["with other bytes", { body: packageTarball({ name: "evil" }) }, "E_INTEGRITY"],
    ["with a page instead", { body: "<html>", type: "text/html" }, "E_INTEGRITY"],
    ["cut in the middle", { truncateAfter: 20 }, "E_NETWORK"],
    ["404", { status: 404 }, "E_NETWORK"],
    ["403", { status: 403 }, "E_AUTH"],
    ["a page that is too large", { body: Buffer.alloc(1_000_001) }, "E_LIMIT_SIZE"],
  ])("that answers %s is refused, and nothing is kept", async (_, how, expected) => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    registry.misbehave(PATH, how);
    await expect(download(registry, files.path("cache"))).rejects.toThrow(code(expected));
    await expect(download(registry, files.path("cache"), { offline: true })).rejects.toThrow(code("E_OFFLINE"));
  });

  it("is asked for again when the registry has a moment of weakness", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    registry.misbehave(PATH, { status: 503 });
    const fetched = download(registry, files.path("cache"));
    while (registry.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    registry.misbehave(PATH, undefined);
    expect(await fetched).toHaveLength(1);
    expect(registry.requests.length).toBeGreaterThan(1);
  });

  it("does not hold a verb for ever, and stops when the person does", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    registry.misbehave(PATH, { hang: true });
    await expect(download(registry, files.path("cache"), { timeoutMs: 50 })).rejects.toThrow(code("E_TIMEOUT"));
    const person = new AbortController();
    const waiting = download(registry, files.path("cache"), { signal: person.signal });
    person.abort();
    await expect(waiting).rejects.toThrow(code("E_INTERRUPTED"));
  });

  it("of which one fails ends the others", async () => {
    await using registry = await registryWithLeft();
    using files = temporaryHome();
    registry.misbehave("/hang/-/hang-1.0.0.tgz", { hang: true });
    const requests = ["/hang/-/hang-1.0.0.tgz", "/gone/-/gone-1.0.0.tgz"].map((path) => ({
      address: new URL(path, registry.url).href,
      integrity: integrityOf(TARBALL),
      label: path,
    }));
    const options = { options: {}, cache: files.path("cache"), offline: false, signal: new AbortController().signal };
    const all = downloadTarballs(requests, {
      ...options,
      timeoutMs: 60_000,
      maxBytes: 1_000,
      progress: () => undefined,
    });
    await expect(all).rejects.toThrow(code("E_NETWORK"));
  });
});
