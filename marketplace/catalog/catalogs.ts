import type { Catalog } from "../../schemas/catalog.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import { canonicalSource, parseGitUrl, type CanonicalSource } from "../../schemas/identity.ts";
import { nearest } from "../../schemas/names.ts";
import type { PolicyAction } from "../../schemas/policy.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { marketRequest } from "../sources/market-request.ts";
import { acceptCatalog, checkNewName } from "./accept-catalog.ts";
import { loadCatalog, localFile, stampOf, type LoadedCatalog, type LoadHints } from "./load-catalog.ts";
import { asKnown, recordOf, repositoryBehind, stampsOf, withRealPath } from "./record.ts";
import { readRegistry, writeRegistry, type MarketplaceRecord } from "./registry.ts";
import { refuseRollback } from "./rollback.ts";
import type { Added, AddOptions, CatalogsOptions, UpdateOptions, UpdateResult } from "./catalogs-options.ts";
import { SnapshotStore } from "./snapshot-store.ts";
import type { CatalogSnapshot, KnownMarketplace } from "./snapshot.ts";

export type { Added, AddOptions, CatalogsOptions, UpdateOptions, UpdateResult } from "./catalogs-options.ts";

const FRESH_MS = 30_000;

/** The marketplaces of one home: names, snapshots and refreshes. Holds the home for writing only, never while it downloads. */
export class Catalogs {
  readonly #options: CatalogsOptions;
  readonly #store: SnapshotStore;
  readonly #snapshots = new Map<string, CatalogSnapshot>();
  #records: ReadonlyMap<string, MarketplaceRecord> | undefined;

  constructor(options: CatalogsOptions) {
    this.#options = options;
    this.#store = new SnapshotStore(options.directory);
  }

  has(name: string): boolean {
    return this.#read().has(name);
  }

  /** Sorted by name. */
  list(): readonly KnownMarketplace[] {
    return [...this.#read().values()].map(asKnown);
  }

  /** Throws `E_MARKETPLACE_UNKNOWN`. */
  known(name: string): KnownMarketplace {
    return asKnown(this.#record(name));
  }

  /**
   * Adds a marketplace under the name its catalog gives it. Local paths must be absolute. Throws `E_SOURCE_BLOCKED`,
   * `E_MARKETPLACE_EXISTS`, `E_CONFUSABLE`, `E_CATALOG`, or what the source or the catalog's reader throws.
   */
  async add(argument: MarketplaceSource, options: AddOptions = {}): Promise<Added> {
    const asked = canonicalSource(withRealPath(argument));
    try {
      return await this.#addCanonical(asked, options);
    } catch (error) {
      const repository = repositoryBehind(asked.source, error);
      if (repository === undefined) throw error;
      return await this.#addCanonical(canonicalSource(repository), options).catch((second: unknown) => {
        throw isCodedError(second) && second.code === "E_GIT" ? error : second;
      });
    }
  }

  async #addCanonical({ source, identity }: CanonicalSource, options: AddOptions): Promise<Added> {
    this.#allow(source, identity, undefined, "add");
    for (const record of this.#read().values()) {
      if (record.identity !== identity) continue;
      this.#allow(source, identity, record.name, "add");
      return { market: asKnown(record), snapshot: await this.get(record.name), already: true };
    }
    const loaded = await this.#load(source, "add", {});
    if (loaded === "unchanged") throw new CodedError("E_INTERNAL", "a first download cannot be unchanged");
    const accepted = await acceptCatalog(loaded, this.#options.repositories);
    const { name } = accepted.value;
    const note = checkNewName(name, this.#read().values(), options.allowConfusable === true);
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
      this.#store.write(name, record.revision, { value: accepted.value, diagnostics });
      await this.#change(name, (records) => {
        // Another process may have taken the name meanwhile.
        const others = [...records.values()].filter((other) => other.identity !== identity);
        checkNewName(name, others, options.allowConfusable === true);
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
    const record = this.#record(name);
    const file = localFile(record.source);
    const changed = file !== undefined && stampOf(file) !== record.stamp;
    const snapshot = changed ? await this.#reread(record) : this.#stored(record);
    this.#snapshots.set(name, snapshot);
    return snapshot;
  }

  /** Refreshes one marketplace or all; one that fails never hinders the others. */
  async update(name?: string, options: UpdateOptions = {}): Promise<readonly UpdateResult[]> {
    const names = name === undefined ? [...this.#read().keys()] : [this.#record(name).name];
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
    const record = this.#record(name);
    const local = localFile(record.source) !== undefined;
    const age = this.#options.now().getTime() - Date.parse(record.fetchedAt);
    if (local && stampOf(localFile(record.source) ?? "") === record.stamp) {
      this.#allow(record.source, record.identity, name, "refresh");
      return {};
    }
    if (!local && (this.#options.offline || (!always && age >= 0 && age < FRESH_MS))) {
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

  /** Forgets a marketplace and its snapshots. Throws `E_MARKETPLACE_UNKNOWN`. */
  async remove(name: string): Promise<KnownMarketplace> {
    const record = this.#record(name);
    await this.#change(name, () => "forget");
    return asKnown(record);
  }

  async #hintsForAdd(record: MarketplaceRecord): Promise<LoadHints> {
    const { root } = record;
    if (root.kind !== "git") return {};
    const snapshot = await this.get(record.name);
    const repository = this.#options.repositories.remote(parseGitUrl(root.url));
    return { request: await marketRequest(repository, snapshot, []) };
  }

  async #refresh(name: string, options: UpdateOptions, hints: LoadHints): Promise<UpdateResult> {
    const record = this.#record(name);
    try {
      this.#allow(record.source, record.identity, name, "refresh");
      const loaded = await this.#load(record.source, "refresh", { ...hints, etag: record.etag });
      const fetchedAt = this.#options.now().toISOString();
      const { refreshError: _, ...rest } = record;
      if (loaded === "unchanged" || loaded.revision === record.revision) {
        await this.#save({ ...rest, fetchedAt, ...(loaded === "unchanged" ? {} : stampsOf(loaded)) });
        return { name, outcome: "unchanged", revision: record.revision };
      }
      if (options.allowRollback !== true) await refuseRollback(record, loaded, this.#options.repositories);
      const accepted = await acceptCatalog(loaded, this.#options.repositories);
      this.#checkRefreshed(record, accepted.value);
      const next = recordOf({ ...rest, fetchedAt }, loaded);
      this.#store.write(name, next.revision, accepted);
      await this.#save(next);
      this.#store.prune(name, [record.revision], next.revision);
      this.#snapshots.set(name, {
        market: asKnown(next),
        catalog: accepted.value,
        root: next.root,
        diagnostics: accepted.diagnostics,
      });
      return { name, outcome: "updated", from: record.revision, to: next.revision, diagnostics: accepted.diagnostics };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (error.code !== "E_INTERRUPTED") await this.#save({ ...record, refreshError: error.message });
      return { name, outcome: "failed", revision: record.revision, error };
    }
  }

  async #reread(record: MarketplaceRecord): Promise<CatalogSnapshot> {
    try {
      const loaded = await this.#load(record.source, "refresh", {});
      if (loaded === "unchanged" || loaded.revision === record.revision) return this.#stored(record);
      const accepted = await acceptCatalog(loaded, this.#options.repositories);
      this.#checkRefreshed(record, accepted.value);
      const market = { ...asKnown(record), revision: loaded.revision };
      return { market, catalog: accepted.value, root: loaded.root, diagnostics: accepted.diagnostics };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const stored = this.#stored(record);
      return { ...stored, market: { ...stored.market, refreshError: error.message } };
    }
  }

  #checkRefreshed(record: MarketplaceRecord, { name, ambiguous }: Catalog): void {
    if (name !== record.name) {
      throw new CodedError("E_MARKETPLACE_RENAMED", `marketplace \`${record.name}\` now calls itself \`${name}\``, {
        hint: `if that is intended: \`plugin marketplace remove ${record.name}\`, then add it again`,
      });
    }
    const lost = ambiguous.find((entry) => this.#options.isInstalled?.(entry.name, record.name) === true)?.name;
    if (lost === undefined) return;
    throw new CodedError(
      "E_AMBIGUOUS",
      `the newest catalog of \`${record.name}\` lists the installed plugin \`${lost}\` twice, with different contents`,
      {
        hint: "ask the owner of the marketplace to correct it",
      },
    );
  }

  #stored(record: MarketplaceRecord): CatalogSnapshot {
    const stored = this.#store.read(record.name, record.revision);
    if (stored !== undefined)
      return { market: asKnown(record), catalog: stored.value, root: record.root, diagnostics: stored.diagnostics };
    throw new CodedError("E_STATE_CORRUPT", `the stored catalog of \`${record.name}\` is missing`, {
      hint: `run \`plugin marketplace update ${record.name}\``,
    });
  }

  async #load(source: MarketplaceSource, action: PolicyAction, hints: LoadHints): Promise<LoadedCatalog | "unchanged"> {
    const { repositories, openTree, offline, signal, progress } = this.#options;
    progress(`reading ${canonicalSource(source).identity}`);
    const checkAddress = (url: string): void => this.#allow({ kind: "url", url }, url, undefined, action);
    return await loadCatalog(source, { repositories, openTree, offline, signal, checkAddress }, hints);
  }

  /** Asks policy before anything is fetched. Throws `E_SOURCE_BLOCKED` naming the rule. */
  #allow(source: MarketplaceSource, identity: string, name: string | undefined, action: PolicyAction): void {
    const decision = this.#options.decide({ kind: "marketplace", name, source, identity }, action);
    if (decision.allowed) return;
    const { rule } = decision;
    throw new CodedError("E_SOURCE_BLOCKED", `policy does not allow marketplace \`${identity}\`: ${decision.reason}`, {
      hint: `ask your administrator; the rule is \`${rule.key}\``,
      where: rule.line === undefined ? rule.file : `${rule.file}:${rule.line}`,
    });
  }

  #read(): ReadonlyMap<string, MarketplaceRecord> {
    this.#records ??= readRegistry(this.#options.directory);
    return this.#records;
  }

  #record(name: string): MarketplaceRecord {
    const records = this.#read();
    const record = records.get(name);
    if (record !== undefined) return record;
    const near = nearest(name, records.keys());
    throw new CodedError("E_MARKETPLACE_UNKNOWN", `no marketplace \`${name}\` was added`, {
      hint: near === undefined ? "run `plugin marketplace list`, or add it" : `did you mean \`${near}\`?`,
    });
  }

  /** Keeps a newer state of a marketplace, unless it was forgotten meanwhile. */
  async #save(record: MarketplaceRecord): Promise<void> {
    await this.#change(record.name, (records) => (records.has(record.name) ? record : undefined));
  }

  /** Changes one record of the registry as other processes left it; `undefined` leaves it as it is. */
  async #change(
    name: string,
    change: (records: ReadonlyMap<string, MarketplaceRecord>) => MarketplaceRecord | "forget" | undefined,
  ): Promise<void> {
    const { directory, exclusively } = this.#options;
    await exclusively(() => {
      const records = new Map(readRegistry(directory));
      const next = change(records);
      if (next === "forget") records.delete(name);
      else if (next !== undefined) records.set(name, next);
      if (next !== undefined) writeRegistry(directory, records);
      if (next === "forget") this.#store.remove(name);
      this.#records = new Map([...records].toSorted(([left], [right]) => (left < right ? -1 : 1)));
      this.#snapshots.delete(name);
    });
  }
}
