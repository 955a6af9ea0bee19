import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { canonicalSource, parseGitUrl, type CanonicalSource } from "../../schemas/identity.ts";
import type { PolicyAction } from "../../schemas/policy.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { marketRequest } from "../sources/market-request.ts";
import { acceptCatalog, checkNewName, checkRefreshed } from "./accept-catalog.ts";
import { loadCatalog, localFile, stampOf, type LoadedCatalog, type LoadHints } from "./load-catalog.ts";
import {
  asKnown,
  isRewritten,
  recordOf,
  repositoryBehind,
  servesNeither,
  stampsOf,
  withoutError,
  seenFromHere,
} from "./record.ts";
import { Records } from "./records.ts";
import type { MarketplaceRecord } from "./registry.ts";
import { requireAllowed } from "./require-allowed.ts";
import { refuseRollback } from "./rollback.ts";
import type { Added, AddOptions, CatalogsOptions, UpdateOptions, UpdateResult } from "./catalogs-options.ts";
import { type RestoredCatalog, restoreCatalog } from "./restore-catalog.ts";
import { SnapshotStore } from "./snapshot-store.ts";
import type { CatalogSnapshot, KnownMarketplace } from "./snapshot.ts";

export type { Added, AddOptions, CatalogsOptions, UpdateOptions, UpdateResult } from "./catalogs-options.ts";

const FRESH_MS = 30_000;

/** The marketplaces of one home: names, snapshots and refreshes. Holds the home for writing only, never while it downloads. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #store: SnapshotStore;
  readonly #snapshots = new Map<string, CatalogSnapshot>();
  /** Snapshots that were read from disk, so that looking whether one is there costs nothing twice. */
  readonly #read = new WeakMap<MarketplaceRecord, CatalogSnapshot>();
  readonly #records: Records;

  constructor(options: CatalogsOptions) {
    this.#options = options;
    this.#store = new SnapshotStore(options.directory);
    this.#records = new Records(options);
  }

  has(name: string): boolean {
    return this.#records.all().has(name);
  }

  /** Whether a marketplace is known by what its source says; a catalog that is its own source may have been rewritten since. */
  holds(name: string, source: MarketplaceSource): boolean {
    const record = this.#records.all().get(name);
    return record !== undefined && !isRewritten(record.source, source);
  }

  /** Sorted by name. */
  list(): readonly KnownMarketplace[] {
    return [...this.#records.all().values()].map(asKnown);
  }

  /** Throws `E_MARKETPLACE_UNKNOWN`. */
  known(name: string): KnownMarketplace {
    return asKnown(this.#records.get(name));
  }

  /**
   * Adds a marketplace under the name its catalog gives it. Local paths must be absolute. Throws `E_SOURCE_BLOCKED`,
   * `E_MARKETPLACE_EXISTS`, `E_CONFUSABLE`, `E_CATALOG`, or what the source or the catalog's reader throws.
   */
  async add(argument: MarketplaceSource, options: AddOptions = {}): Promise<Added> {
    const asked = canonicalSource(seenFromHere(argument, this.#options.packages));
    try {
      return await this.#addCanonical(asked, options);
    } catch (error) {
      const repository = repositoryBehind(asked.source, error);
      if (repository === undefined || !isCodedError(error)) throw error;
      return await this.#addCanonical(canonicalSource(repository), options).catch((second: unknown) => {
        throw isCodedError(second) && second.code === "E_GIT" ? servesNeither(error) : second;
      });
    }
  }

  async #addCanonical({ source, identity }: CanonicalSource, options: AddOptions): Promise<Added> {
    this.#allow(source, identity, undefined, "add");
    for (const record of this.#records.all().values()) {
      if (record.identity !== identity || isRewritten(record.source, source)) continue;
      this.#allow(source, identity, record.name, "add");
      return { market: asKnown(record), snapshot: await this.get(record.name), already: true };
    }
    const loaded = await this.#load(source, "add", {});
    if (loaded === "unchanged") throw new CodedError("E_INTERNAL", "a first download cannot be unchanged");
    const accepted = await acceptCatalog(loaded, this.#options.repositories);
    const { name } = accepted.value;
    const others = [...this.#records.all().values()].filter((other) => other.identity !== identity);
    const note = checkNewName(name, others, options.allowConfusable === true);
    this.#allow(source, identity, name, "add");
    const diagnostics = [
      ...accepted.diagnostics,
      ...(note === undefined ? [] : [note]),
      ...this.#options.repositories.notes(),
    ];
    const time = this.#options.now().toISOString();
    const record = recordOf({ name, source, identity, addedAt: time, fetchedAt: time }, loaded);
    const snapshot: CatalogSnapshot = {
      market: asKnown(record),
      catalog: accepted.value,
      root: loaded.root,
      diagnostics,
    };
    if (options.dryRun !== true) {
      await this.#records.change(name, (records) => {
        // Another process may have taken the name meanwhile.
        const now = [...records.values()].filter((other) => other.identity !== identity);
        checkNewName(name, now, options.allowConfusable === true);
        this.#store.write(name, record.revision, { value: accepted.value, diagnostics });
        return record;
      });
      this.#snapshots.set(name, snapshot);
    }
    return { market: snapshot.market, snapshot, already: false };
  }

  /**
   * The newest good copy, without network; a local catalog that changed is read again (and stored by the next refresh).
   * Throws `E_MARKETPLACE_UNKNOWN` or `E_STATE_CORRUPT`.
   */
  async get(name: string): Promise<CatalogSnapshot> {
    const known = this.#snapshots.get(name);
    if (known !== undefined) return known;
    const record = this.#records.get(name);
    const file = localFile(record.source);
    const changed = file !== undefined && (stampOf(file) !== record.stamp || !this.#isHere(record));
    const snapshot = changed ? await this.#reread(record) : this.#stored(record);
    this.#snapshots.set(name, snapshot);
    return snapshot;
  }

  /** Refreshes one marketplace or all; one that fails never hinders the others. */
  async update(name?: string, options: UpdateOptions = {}): Promise<readonly UpdateResult[]> {
    const names = name === undefined ? [...this.#records.all().keys()] : [this.#records.get(name).name];
    const results: UpdateResult[] = [];
    for (const each of names) results.push(await this.#refresh(each, options, {}));
    return results;
  }

  /**
   * Brings a marketplace up to date before something is installed from it; `note` says that an older copy is used and why.
   * A copy of a moment ago is good enough unless `always`.
   */
  async refreshForAdd(
    name: string,
    { always }: { readonly always: boolean } = { always: false },
  ): Promise<{ readonly note?: string | undefined }> {
    const record = this.#records.get(name);
    const local = localFile(record.source) !== undefined;
    const age = this.#options.now().getTime() - Date.parse(record.fetchedAt);
    const isHere = this.#isHere(record);
    if (local && isHere && stampOf(localFile(record.source) ?? "") === record.stamp) {
      this.#allow(record.source, record.identity, name, "refresh");
      return {};
    }
    if (!local && (this.#options.offline || (!always && isHere && age >= 0 && age < FRESH_MS))) {
      this.#allow(record.source, record.identity, name, "refresh");
      return {};
    }
    const result = await this.#refresh(name, {}, await this.#hintsForAdd(record));
    if (result.outcome !== "failed") return {};
    if (result.error.code === "E_SOURCE_BLOCKED" || result.error.code === "E_INTERRUPTED") throw result.error;
    return {
      note: `\`${name}\` could not be refreshed, so its copy of ${record.fetchedAt} is used: ${result.error.message}`,
    };
  }

  /** Adds a marketplace with a catalog that came without its source. Throws `E_SOURCE_BLOCKED`, `E_MARKETPLACE_EXISTS`, `E_CONFUSABLE`. */
  async restore(restored: RestoredCatalog): Promise<void> {
    this.#allow(restored.source, restored.identity, restored.name, "add");
    await restoreCatalog(restored, this.#records, this.#store, this.#options.now());
  }

  /** Forgets a marketplace and its snapshots, unless it `isUsed` by then. Throws `E_MARKETPLACE_UNKNOWN`. */
  async remove(name: string, isUsed: () => boolean = () => false): Promise<KnownMarketplace> {
    const record = this.#records.get(name);
    await this.#records.change(name, () => {
      if (isUsed()) return undefined;
      this.#store.remove(name);
      return "forget";
    });
    this.#snapshots.delete(name);
    return asKnown(record);
  }

  async #hintsForAdd(record: MarketplaceRecord): Promise<LoadHints> {
    const { root } = record;
    if (root.kind !== "git" || !this.#isHere(record)) return {};
    const snapshot = await this.get(record.name);
    const repository = this.#options.repositories.remote(parseGitUrl(root.url));
    return { request: await marketRequest(repository, snapshot, []) };
  }

  async #refresh(name: string, options: UpdateOptions, hints: LoadHints): Promise<UpdateResult> {
    const record = this.#records.get(name);
    try {
      this.#allow(record.source, record.identity, name, "refresh");
      const isHere = this.#isHere(record);
      const loaded = await this.#load(record.source, "refresh", { ...hints, ...(isHere ? { etag: record.etag } : {}) });
      const fetchedAt = this.#options.now().toISOString();
      if (loaded === "unchanged" || (isHere && loaded.revision === record.revision)) {
        const stamps = loaded === "unchanged" ? {} : stampsOf(loaded);
        await this.#records.amend(record, (current) =>
          current.revision === record.revision ? withoutError({ ...current, fetchedAt, ...stamps }) : current,
        );
        this.#snapshots.delete(name);
        return { name, outcome: "unchanged", revision: record.revision };
      }
      if (options.allowRollback !== true) await refuseRollback(record, loaded, this.#options.repositories);
      const accepted = await acceptCatalog(loaded, this.#options.repositories);
      checkRefreshed(record, accepted.value, this.#options);
      const next = recordOf({ ...record, fetchedAt }, loaded);
      const kept = await this.#records.amend(record, (current) => {
        // Another process may have been here meanwhile, with a newer copy.
        if (current.fetchedAt > fetchedAt) return current;
        this.#store.write(name, next.revision, accepted);
        this.#store.prune(name, new Set([next.revision, current.revision]));
        return next;
      });
      const { value: catalog, diagnostics } = accepted;
      if (kept !== next) this.#snapshots.delete(name);
      else this.#snapshots.set(name, { market: asKnown(next), catalog, root: next.root, diagnostics });
      if (next.revision === record.revision) return { name, outcome: "unchanged", revision: next.revision };
      return { name, outcome: "updated", from: record.revision, to: next.revision, diagnostics };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const { code, message } = error;
      if (code !== "E_INTERRUPTED") {
        await this.#records.amend(record, (current) => ({ ...current, refreshError: message }));
        this.#snapshots.delete(name);
      }
      return { name, outcome: "failed", revision: record.revision, error };
    }
  }

  async #reread(record: MarketplaceRecord): Promise<CatalogSnapshot> {
    try {
      const loaded = await this.#load(record.source, "refresh", {});
      if (loaded === "unchanged" || (loaded.revision === record.revision && this.#isHere(record)))
        return this.#stored(record);
      const accepted = await acceptCatalog(loaded, this.#options.repositories);
      checkRefreshed(record, accepted.value, this.#options);
      const market = { ...asKnown(record), revision: loaded.revision };
      return { market, catalog: accepted.value, root: loaded.root, diagnostics: accepted.diagnostics };
    } catch (error) {
      if (!isCodedError(error) || !this.#isHere(record)) throw error;
      const stored = this.#stored(record);
      return { ...stored, market: { ...stored.market, refreshError: error.message } };
    }
  }

  /** Whether the record's snapshot can be read; one that was lost or damaged is downloaded again whatever the server says. */
  #isHere(record: MarketplaceRecord): boolean {
    try {
      this.#stored(record);
      return true;
    } catch (error) {
      if (isCodedError(error) && error.code === "E_STATE_CORRUPT") return false;
      throw error;
    }
  }

  #stored(record: MarketplaceRecord): CatalogSnapshot {
    const { name, identity, revision } = record;
    const known = this.#read.get(record);
    if (known !== undefined) return known;
    const stored = this.#store.read(name, revision);
    if (stored !== undefined) {
      const { value: catalog, diagnostics } = stored;
      const snapshot = { market: asKnown(record), catalog, root: record.root, diagnostics };
      this.#read.set(record, snapshot);
      return snapshot;
    }
    // Another process may have refreshed it, and pruned what this one still knew.
    const now = this.#records.reread().get(name);
    if (now?.identity === identity && now.revision !== revision) return this.#stored(now);
    throw new CodedError("E_STATE_CORRUPT", `the stored catalog of \`${name}\` is missing`, {
      hint: `run \`plugin marketplace update ${name}\``,
    });
  }

  async #load(source: MarketplaceSource, action: PolicyAction, hints: LoadHints): Promise<LoadedCatalog | "unchanged"> {
    const { repositories, packages, rewrites, openTree, offline, signal, progress } = this.#options;
    progress(`reading ${canonicalSource(source).identity}`);
    const checkAddress = (url: string): void => this.#allow({ kind: "url", url }, url, undefined, action);
    const from = { repositories, packages, rewrites, openTree, offline, signal, checkAddress };
    return await loadCatalog(source, from, hints);
  }

  #allow(source: MarketplaceSource, identity: string, name: string | undefined, action: PolicyAction): void {
    requireAllowed(this.#options, { kind: "marketplace", name, source, identity }, action);
  }
}
