import { posix } from "node:path";

import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readCatalog } from "../../schemas/marketplace.ts";
import { lookUp } from "./git-tree.ts";
import type { MarketTree } from "./host.ts";
import type { Release } from "./releases.ts";
import type { Repository } from "./repository.ts";

/** Where a catalog lies below its marketplace's root. */
export const CATALOG_FILE = ".claude-plugin/marketplace.json";

type RawCatalog = Readonly<Record<string, unknown>> & { readonly plugins: readonly unknown[] };

/** What the catalogs at a marketplace's release tags said: a folder may have moved since (DESIGN §4 Git). */
export class TagCatalogs {
  readonly #documents = new Map<string, RawCatalog | undefined>();
  readonly #entries = new Map<string, CatalogEntry>();

  /** The entry that applies at each of these releases: the tag's own when it has one with a relative source, else the current one. */
  async entriesAt(
    repository: Repository,
    market: MarketTree,
    entry: CatalogEntry,
    releases: readonly Release[],
  ): Promise<readonly CatalogEntry[]> {
    const current = market.commit === undefined ? undefined : await catalogOid(repository, market.commit, market);
    const oids: (string | undefined)[] = [];
    for (const { commit } of releases) oids.push(await catalogOid(repository, commit, market));
    const unread = oids.filter((oid) => oid !== undefined && oid !== current && !this.#documents.has(oid));
    const contents = await repository.wantBlobs(unread.flatMap((oid) => (oid === undefined ? [] : [oid])));
    for (const [oid, bytes] of contents) this.#documents.set(oid, parseCatalog(bytes));
    return oids.map((oid) => (oid === undefined || oid === current ? entry : this.#entryIn(oid, entry)));
  }

  #entryIn(oid: string, entry: CatalogEntry): CatalogEntry {
    const key = `${oid} ${entry.name}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const found = readOne(this.#documents.get(oid), entry.name) ?? entry;
    this.#entries.set(key, found);
    return found;
  }
}

async function catalogOid(repository: Repository, commit: string, market: MarketTree): Promise<string | undefined> {
  const found = await repository.commit(commit);
  if (found === undefined) return undefined;
  const catalog = await lookUp(repository, found.tree, posix.join(market.path, CATALOG_FILE));
  return catalog === undefined || catalog === "escapes" || catalog.kind === "directory" ? undefined : catalog.oid;
}

function parseCatalog(bytes: Buffer): RawCatalog | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8").replace(/^\uFEFF/u, ""));
    return isCatalog(value) ? value : undefined;
  } catch (error) {
    // A broken catalog at an old tag is no reason to lose the tag: the current entry applies.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads one entry as the whole catalog would have been read, without the cost of its neighbours. */
function readOne(document: RawCatalog | undefined, name: string): CatalogEntry | undefined {
  const matching = document?.plugins.filter(
    (raw) => typeof raw === "object" && raw !== null && "name" in raw && raw.name === name,
  );
  if (document === undefined || matching?.length !== 1) return undefined;
  try {
    const { value } = readCatalog(JSON.stringify({ ...document, plugins: matching }), {
      file: CATALOG_FILE,
      remote: true,
    });
    const entry = value.entries[0];
    return entry?.source.kind === "relative" ? { ...entry, where: { file: CATALOG_FILE } } : undefined;
  } catch (error) {
    if (error instanceof CodedError) return undefined;
    throw error;
  }
}

function isCatalog(value: unknown): value is RawCatalog {
  return typeof value === "object" && value !== null && "plugins" in value && Array.isArray(value.plugins);
}
