import { Packages, type PackagesOptions } from "../../../marketplace/packages/packages.ts";
import type { CatalogSnapshot } from "../../../marketplace/catalog/snapshot.ts";
import { NpmSources, type NpmSourcesOptions } from "../../../marketplace/sources/npm-sources.ts";
import { SourceRewrites } from "../../../marketplace/sources/source-rewrites.ts";
import { readCatalog } from "../../../schemas/marketplace.ts";
import type { CatalogEntry } from "../../../schemas/plugin-manifest.ts";
import type { RegistryServer } from "../../support/registry-server.ts";
import type { TemporaryHome } from "../../support/temporary-home.ts";

/** What one process would have open, with a catalog that lists one plugin `tool` at a source. */
export interface NpmBench {
  readonly sources: NpmSources;
  readonly packages: Packages;
  readonly snapshot: CatalogSnapshot;
  readonly entry: CatalogEntry;
  readonly remarks: readonly string[];
}

/** Opens sources of a person whose settings are the `.npmrc` of the home, by default with the registry. */
export function npmBench(
  files: TemporaryHome,
  registry: RegistryServer,
  source: Readonly<Record<string, unknown>>,
  options: Partial<PackagesOptions> & Partial<NpmSourcesOptions> & { readonly npmrc?: string } = {},
): NpmBench {
  const remarks: string[] = [];
  files.write("home/.npmrc", options.npmrc ?? `registry=${registry.url}\n`);
  const packages = new Packages({
    cache: files.path("cache"),
    environment: { HOME: files.path("home") },
    directory: undefined,
    offline: false,
    rewrites: new SourceRewrites([]),
    whole: () => options.minimumAge !== undefined,
    signal: new AbortController().signal,
    progress: () => undefined,
    remark: (message) => remarks.push(message),
    ...options,
  });
  const sources = new NpmSources({
    packages,
    minimumAge: undefined,
    now: () => new Date("2026-08-01T00:00:00Z"),
    remark: (message) => remarks.push(message),
    ...options,
  });
  const text = JSON.stringify({
    name: "acme",
    owner: { name: "Fixture" },
    plugins: [{ name: "tool", source: { source: "npm", ...source } }],
  });
  const { value: catalog, diagnostics } = readCatalog(text, { file: "marketplace.json", remote: true });
  const [entry] = catalog.entries;
  if (entry === undefined) throw new Error(`the entry is not usable: ${diagnostics[0]?.message ?? ""}`);
  const market = {
    name: "acme",
    source: { kind: "url", url: "https://acme.example/marketplace.json" },
    identity: "https://acme.example/marketplace.json",
    revision: "1",
    addedAt: "2026-08-01T00:00:00Z",
    fetchedAt: "2026-08-01T00:00:00Z",
  } as const;
  return { sources, packages, snapshot: { market, catalog, root: { kind: "none" }, diagnostics }, entry, remarks };
}
