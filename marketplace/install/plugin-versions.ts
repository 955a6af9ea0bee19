import { basename, resolve } from "node:path";
import { isCodedError } from "../../schemas/errors.ts";
import { readManifestHead } from "../../schemas/formats/index.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import type { CatalogEntry, PluginDependency } from "../../schemas/plugin-manifest.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { PolicySubject } from "../../schemas/policy.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Services } from "../services.ts";
import type { Candidate, Cause, Requirement, VersionProvider } from "../solve/provider.ts";
import { checkOwner } from "../sources/local.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import { searchEntry } from "./entries.ts";
import { openFolder } from "./local-folder.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";

/** An offer with the catalog it came from; `snapshot` and `entry` are absent for a plugin added by path. */
export interface Choice {
  readonly id: string;
  readonly offer: Offer;
  readonly snapshot?: CatalogSnapshot | undefined;
  readonly entry?: CatalogEntry | undefined;
}

/** What a run of the solver looks at. */
export interface PluginVersionsOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
  readonly intent: Intent;
  /** Directory that relative paths of the intent start from. */
  readonly base: string;
  readonly lock: Lockfile;
  readonly lockFile: string;
  /** Whether the locked version of an id is the only one to consider. */
  readonly pinned: (id: string) => boolean;
  /** Whether the lock says what the locked version of an id needs; not so for an id that is being updated. */
  readonly bound: (id: string) => boolean;
}

/** The world as the solver sees it: catalogs, their sources, the lock and the policy. Owns what it has listed. */
export class PluginVersions implements VersionProvider {
  readonly #options: PluginVersionsOptions;
  readonly #choices = new Map<string, ReadonlyMap<string, Choice>>();
  readonly #absent = new Map<string, Cause>();
  readonly #dependencies = new Map<string, Readonly<Record<string, string>>>();
  readonly #crossMarkets: ReadonlySet<string>;
  /** Ids on which some range other than `*` is known to lie. */
  readonly #ranged = new Set<string>();
  /**
   * The marketplace's own current copy of every plugin that no range selects a release of: what its maintainer offers
   * counts before a newer tag. Grows while versions are listed.
   */
  readonly preferred: Map<string, string> = new Map<string, string>();

  private constructor(options: PluginVersionsOptions, crossMarkets: ReadonlySet<string>) {
    this.#options = options;
    this.#crossMarkets = crossMarkets;
    for (const [id, { range }] of Object.entries(options.intent.plugins)) if (range !== "*") this.#ranged.add(id);
  }

  /** Prepares a provider; reads the catalogs of the wanted plugins for their cross-marketplace lists. */
  static async open(options: PluginVersionsOptions): Promise<PluginVersions> {
    const crossMarkets = new Set<string>();
    for (const market of new Set(Object.keys(options.intent.plugins).map((id) => splitId(id).market))) {
      if (!options.catalogs.has(market)) continue;
      const { catalog } = await options.catalogs.get(market);
      for (const other of catalog.allowCrossMarketplaceDependenciesOn) crossMarkets.add(other);
    }
    return new PluginVersions(options, crossMarkets);
  }

  /** The choice behind a version that this provider offered; `undefined` for one that only the lock knows. */
  choice(id: string, version: string): Choice | undefined {
    return this.#choices.get(id)?.get(version);
  }

  /** Required id → range of a version whose requirements were asked for. */
  dependencies(id: string, version: string): Readonly<Record<string, string>> {
    return this.#dependencies.get(`${id}@${version}`) ?? {};
  }

  async prefetch(ids: readonly string[]): Promise<void> {
    const wanted: { readonly snapshot: CatalogSnapshot; readonly entry: CatalogEntry }[] = [];
    for (const id of ids) {
      if (this.#options.pinned(id)) continue;
      const { name, market } = splitId(id);
      if (market === LOCAL_MARKET || !this.#options.catalogs.has(market)) continue;
      const snapshot = await this.#options.catalogs.get(market);
      const found = searchEntry(snapshot, name);
      if (found.kind === "found") wanted.push({ snapshot, entry: found.entry });
    }
    if (wanted.length > 0) await this.#options.sources.prefetch(wanted);
  }

  versions(id: string): readonly Candidate[] | Promise<readonly Candidate[]> {
    const { lock } = this.#options;
    const locked = lock.plugins[id];
    if (locked !== undefined && this.#options.pinned(id)) return [{ version: locked.version }];
    const { name, market } = splitId(id);
    return market === LOCAL_MARKET ? this.#localVersions(id) : this.#catalogVersions(id, name, market);
  }

  requirements(id: string, version: string): readonly Requirement[] | Promise<readonly Requirement[]> {
    return this.knownRequirements(id, version) ?? this.#remembered(id, version);
  }

  knownRequirements(id: string, version: string): readonly Requirement[] | undefined {
    const { lock, lockFile, bound } = this.#options;
    const locked = lock.plugins[id];
    if (locked?.version !== version || !bound(id)) return undefined;
    return Object.entries(locked.dependencies).map(([other, range]) => ({
      id: other,
      range,
      where: { file: lockFile },
    }));
  }

  absence(id: string): Cause | undefined {
    return this.#absent.get(id);
  }

  #localVersions(id: string): readonly Candidate[] {
    const wanted = this.#options.intent.plugins[id];
    if (wanted?.path === undefined) {
      return this.#none(id, {
        kind: "missing",
        notice: `no path is written for \`${id}\``,
        hint: "add it again: `plugin add ./path`",
      });
    }
    const path = resolve(this.#options.base, wanted.path);
    const tree = openFolder(path, this.#options.services);
    if (tree === undefined) {
      return this.#none(id, {
        kind: "missing",
        notice: `its directory \`${path}\` does not exist`,
        hint: `remove it: \`plugin remove ${id}\``,
      });
    }
    checkOwner(path);
    const head = readManifestHead(tree, { fallbackName: basename(path) });
    const version = head.version ?? "unknown";
    const offer: Offer = {
      id,
      version,
      unversioned: head.version === undefined,
      current: true,
      source: { kind: "directory", path },
    };
    this.#choices.set(id, new Map([[version, { id, offer }]]));
    return [{ version, unversioned: offer.unversioned }];
  }

  async #catalogVersions(id: string, name: string, market: string): Promise<readonly Candidate[]> {
    const { catalogs, services, sources } = this.#options;
    if (!catalogs.has(market)) {
      return this.#none(id, {
        kind: "missing",
        code: "E_MARKETPLACE_UNKNOWN",
        notice: `the marketplace \`${market}\` was not added`,
        hint: `add it first: \`plugin marketplace add <source of ${market}>\``,
      });
    }
    const snapshot = await catalogs.get(market);
    const refused = this.#refused({ id, market: snapshot.market });
    if (refused !== undefined) return this.#none(id, refused);
    const found = searchEntry(snapshot, name);
    if (found.kind === "absent") {
      return this.#none(id, {
        kind: "missing",
        code: found.error.code,
        notice: found.error.message,
        hint: found.error.hint,
      });
    }
    services.progress(`listing versions of ${id}`);
    try {
      const offers = await sources.offers(snapshot, found.entry);
      const choices = new Map<string, Choice>();
      for (const offer of offers) {
        if (!choices.has(offer.version)) choices.set(offer.version, { id, offer, snapshot, entry: found.entry });
      }
      this.#choices.set(id, choices);
      const current = offers.find((offer) => offer.current);
      // A registry's tag says which release is meant, also among those that a range admits, as npm has it.
      if (current !== undefined && (!this.#ranged.has(id) || current.source.kind === "npm"))
        this.preferred.set(id, current.version);
      return [...choices.values()].map(({ offer }) => ({
        version: offer.version,
        unversioned: offer.unversioned,
        yanked: offer.yanked,
        deprecated: offer.deprecated !== undefined,
        blocked: offer.blocked ?? this.#refused({ id, version: offer.version, market: snapshot.market }),
      }));
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      return this.#none(id, { kind: "source", code: error.code, notice: error.message, hint: error.hint });
    }
  }

  /** What policy has against a plugin, or against a version of it, before anything of it is fetched. */
  #refused(subject: Omit<Extract<PolicySubject, { kind: "plugin" }>, "kind">): Cause | undefined {
    const verdict = this.#options.services.decide({ kind: "plugin", ...subject }, "resolve");
    if (verdict.allowed) return undefined;
    const { reason, rule } = verdict;
    return { kind: "policy", code: "E_SOURCE_BLOCKED", notice: `policy does not allow it: ${reason}`, where: rule };
  }

  #none(id: string, cause: Cause): readonly Candidate[] {
    this.#absent.set(id, cause);
    return [];
  }

  async #remembered(id: string, version: string): Promise<readonly Requirement[]> {
    const requirements = await this.#readRequirements(id, version);
    for (const required of requirements) if (required.range !== "*") this.#ranged.add(required.id);
    this.#dependencies.set(
      `${id}@${version}`,
      Object.fromEntries(requirements.map((required) => [required.id, required.range])),
    );
    return requirements;
  }

  async #readRequirements(id: string, version: string): Promise<readonly Requirement[]> {
    const choice = this.choice(id, version);
    if (choice === undefined) return [];
    const { market } = splitId(id);
    if (choice.snapshot === undefined || choice.entry === undefined) {
      const path = choice.offer.source.kind === "directory" ? choice.offer.source.path : "";
      const head = readManifestHead(this.#options.services.openTree(path), { fallbackName: basename(path) });
      return Promise.all(head.dependencies.map((dependency) => this.#requirement(market, dependency, path)));
    }
    const opened = await this.#options.sources.peek(choice.snapshot, choice.entry, choice.offer);
    const head = readManifestHead(opened.tree, {
      entry: opened.entry,
      rootIsMarketplace: isMarketplaceRoot(opened.entry),
    });
    return Promise.all(
      head.dependencies.map((dependency) => this.#requirement(market, dependency, `${id}@${version}`)),
    );
  }

  async #requirement(market: string, dependency: PluginDependency, origin: string): Promise<Requirement> {
    const where = { ...dependency.where, file: `${origin}/${dependency.where.file}` };
    const { name, range } = dependency;
    if (market === LOCAL_MARKET && dependency.market === undefined) {
      const having = await this.#marketsOffering(name);
      const refused: Cause = {
        kind: "other",
        code: "E_AMBIGUOUS",
        notice: `\`${name}\` is offered by ${having.map((other) => `\`${other}\``).join(" and ")}`,
        hint: `write \`${name}@${having[0] ?? "marketplace"}\` in its dependencies`,
      };
      return { id: joinId(name, having[0] ?? LOCAL_MARKET), range, where, ...(having.length > 1 ? { refused } : {}) };
    }
    const target = dependency.market ?? market;
    const requirement = { id: await this.#today(name, target), range, where };
    const allowed = target === market || market === LOCAL_MARKET || this.#crossMarkets.has(target);
    if (allowed || this.#options.intent.plugins[requirement.id]?.enabled === true) return requirement;
    return {
      ...requirement,
      refused: {
        kind: "cross-marketplace",
        notice: `\`${market}\` does not list \`${target}\` under \`allowCrossMarketplaceDependenciesOn\``,
        hint: `install it yourself first: \`plugin add ${requirement.id}\``,
      },
    };
  }

  /** The id of a dependency under the name that its marketplace gives it today. */
  async #today(name: string, market: string): Promise<string> {
    const { catalogs } = this.#options;
    const found = catalogs.has(market) ? searchEntry(await catalogs.get(market), name) : undefined;
    return joinId(found?.kind === "found" ? found.entry.name : name, market);
  }

  /** Marketplaces that a dependency of a plugin added by path can mean: a wanted one, else every one that lists the name. */
  async #marketsOffering(name: string): Promise<readonly string[]> {
    const wanted = Object.keys(this.#options.intent.plugins).filter((id) => splitId(id).name === name);
    if (wanted.length > 0) return wanted.map((id) => splitId(id).market);
    const having: string[] = [];
    for (const market of this.#options.catalogs.list()) {
      const snapshot = await this.#options.catalogs.get(market.name);
      if (searchEntry(snapshot, name).kind === "found") having.push(market.name);
    }
    return having;
  }
}

/** Whether an entry's source is the root of its marketplace (formats.md §2.5). */
export function isMarketplaceRoot(entry: CatalogEntry): boolean {
  return entry.source.kind === "relative" && entry.source.path === "";
}
