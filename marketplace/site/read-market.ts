import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError, type CodedError } from "../../schemas/errors.ts";
import type { CatalogEntry, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Services } from "../services.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import type { SiteLink, SiteMarket, SitePlugin, SiteVersion } from "./model.ts";
import { readVersion, type ReadVersion } from "./read-version.ts";
import { changesBetween } from "./version-changes.ts";
import { linkable, visibleText } from "./visible-text.ts";

/** Older versions than so many are only counted, unless it is said otherwise. */
const MAX_VERSIONS = 20;

/** What reading a marketplace for its pages needs. */
export interface ReadMarketOptions {
  readonly sources: PluginSources;
  readonly services: Pick<Services, "progress" | "signal">;
  /** What people type to add this marketplace, when it is not the snapshot's own source. */
  readonly source?: string | undefined;
  readonly maxVersions?: number | undefined;
}

/** Reads the catalog and all trees of a marketplace; a plugin that cannot be read is there with its problem. */
export async function readMarket(snapshot: CatalogSnapshot, options: ReadMarketOptions): Promise<SiteMarket> {
  const { catalog, market } = snapshot;
  const { sources, services } = options;
  await sources.prefetch(catalog.entries.map((entry) => ({ snapshot, entry })));
  const lost = lostEntries(snapshot.diagnostics);
  const plugins: SitePlugin[] = [];
  for (const entry of catalog.entries) {
    services.signal.throwIfAborted();
    services.progress(`reading ${entry.name}@${market.name}`);
    plugins.push(await readOffered(snapshot, entry, options, lost.get(placeOf(entry.where))));
  }
  services.progress(undefined);
  const source = options.source ?? addable(market.source);
  return {
    name: market.name,
    description: visibleText(catalog.description, 600),
    owner: visibleText(catalog.owner?.name, 120),
    ...(source === undefined ? {} : { source: visibleText(source, 500) }),
    plugins,
  };
}

/** Reads one entry with all its versions; `problem` is what is known to be wrong with it already. */
export async function readOffered(
  snapshot: CatalogSnapshot,
  entry: CatalogEntry,
  { sources, services, maxVersions = MAX_VERSIONS }: ReadMarketOptions,
  problem?: string,
): Promise<SitePlugin> {
  if (problem !== undefined) return describe(snapshot, entry, [], 0, { problem });
  try {
    const offers = await sources.offers(snapshot, entry);
    const shown = shownOffers(offers, maxVersions);
    const opened = await sources.open(shown.map((offer) => ({ snapshot, entry, offer })));
    const read = opened.map((one) => readVersion(one.offer, one.entry, one.tree, services.signal));
    return describe(snapshot, entry, read, offers.length - shown.length, {});
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
    return describe(snapshot, entry, [], 0, { problem: problemText(error) });
  }
}

/** What the catalog alone says about an entry; nothing is read. */
export function describeEntry(snapshot: CatalogSnapshot, entry: CatalogEntry): SitePlugin {
  return describe(snapshot, entry, [], 0, {});
}

/** The newest versions, and the one that is on offer if it is older. */
function shownOffers(offers: readonly Offer[], most: number): readonly Offer[] {
  const newest = offers.slice(0, most);
  const current = offers.find((offer) => offer.current);
  return current === undefined || newest.includes(current) ? newest : [...newest, current];
}

function describe(
  snapshot: CatalogSnapshot,
  entry: CatalogEntry,
  read: readonly ReadVersion[],
  moreVersions: number,
  { problem }: { readonly problem?: string },
): SitePlugin {
  const shown = read.find(({ version }) => version.current) ?? read[0];
  const manifest = shown?.plugin.manifest;
  const title = visibleText(manifest?.displayName ?? entry.displayName, 120);
  return {
    name: entry.name,
    id: `${entry.name}@${snapshot.market.name}`,
    title: title === "" ? entry.name : title,
    description: visibleText(manifest?.description ?? entry.description, 600),
    category: visibleText(entry.category, 60),
    tags: [...new Set([...entry.tags, ...(manifest?.keywords ?? [])].map((tag) => visibleText(tag, 40)))].slice(0, 20),
    author: visibleText(manifest?.author?.name ?? authorOf(entry), 120),
    license: visibleText(manifest?.license, 80),
    links: linksOf(entry, manifest),
    version: shown?.version.version ?? visibleText(entry.version, 100),
    versions: withChanges(read),
    moreVersions,
    ...(shown?.readme === undefined ? {} : { readme: shown.readme }),
    ...problemOf(problem, shown),
  };
}

function problemOf(problem: string | undefined, shown: ReadVersion | undefined): Pick<SitePlugin, "problem"> {
  if (problem !== undefined) return { problem };
  if (shown === undefined || shown.plugin.manifest !== undefined) return {};
  return { problem: "it would not load; its findings say why" };
}

function withChanges(read: readonly ReadVersion[]): readonly SiteVersion[] {
  return read.map((one, at) => {
    const older = read[at + 1];
    return older === undefined ? one.version : { ...one.version, changes: changesBetween(older, one) };
  });
}

function authorOf(entry: CatalogEntry): string | undefined {
  const author = entry.raw["author"];
  if (typeof author === "string") return author;
  if (typeof author !== "object" || author === null || !("name" in author)) return undefined;
  return typeof author.name === "string" ? author.name : undefined;
}

function linksOf(entry: CatalogEntry, manifest: PluginManifest | undefined): readonly SiteLink[] {
  const written = (key: string): string | undefined => {
    const value = entry.raw[key];
    return typeof value === "string" ? value : undefined;
  };
  const { source } = entry;
  const places: readonly (readonly [label: string, url: string | undefined])[] = [
    ["Homepage", manifest?.homepage ?? written("homepage")],
    ["Repository", manifest?.repository ?? written("repository") ?? (source.kind === "git" ? source.url : undefined)],
  ];
  return places.flatMap(([label, text]) => {
    const url = linkable(text);
    return url === undefined ? [] : [{ label, url }];
  });
}

/** Entries that the catalog's own reading gave up, by where they stand. */
function lostEntries(diagnostics: readonly Diagnostic[]): ReadonlyMap<string, string> {
  return new Map(
    diagnostics.flatMap((one) => (one.dropped === "plugin" ? [[placeOf(one), visibleText(one.message)] as const] : [])),
  );
}

const placeOf = ({ line, column }: Pick<Diagnostic, "line" | "column">): string => `${String(line)}:${String(column)}`;

const problemText = ({ message, hint }: CodedError): string =>
  visibleText(hint === undefined ? message : `${message}; ${hint}`);

/** What others can add a marketplace by; `undefined` for a folder of this machine, which is nothing to publish. */
export function addable(source: MarketplaceSource): string | undefined {
  switch (source.kind) {
    case "github":
      return source.ref === undefined ? source.repo : `${source.repo}@${source.ref}`;
    case "git":
    case "url":
      return source.url;
    default:
      return undefined;
  }
}
