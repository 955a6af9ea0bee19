import { createHash } from "node:crypto";
import { posix } from "node:path";

import { CodedError } from "../../schemas/errors.ts";
import { readManifestHead, type FileTree } from "../../schemas/formats/index.ts";
import { parseGitUrl } from "../../schemas/identity.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { GitTreePlan, lookUp } from "./git-tree.ts";
import { hostOf, type Host, type MarketTree } from "./host.ts";
import { MANIFEST_FILES, wantManifests } from "./market-request.ts";
import { Listings, type GitHost, type SourcesOptions, type Wanted } from "./listings.ts";
import { checkOwner } from "./local.ts";
import { isPinned, prepareCommits, type PinnedSource } from "./locked.ts";
import type { Offer, OpenedOffer, PluginSources } from "./offer.ts";
import { releasesOf, semverOf, sortOffers } from "./releases.ts";
import type { Repository } from "./repository.ts";
import { TagCatalogs } from "./tag-catalog.ts";

/** Git and local sources; the other kinds are refused by `hostOf`. */
export class RepositorySources implements PluginSources {
  readonly #options: SourcesOptions;
  readonly #tagCatalogs = new TagCatalogs();
  readonly #listings: Listings;
  /** What was listed to make an offer is not listed again to open it. */
  readonly #directories = new WeakMap<Offer, FileTree>();

  constructor(options: SourcesOptions) {
    this.#options = options;
    this.#listings = new Listings(options);
  }

  async prefetch(wanted: readonly Wanted[]): Promise<void> {
    await this.#listings.prefetch(wanted);
  }

  async offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]> {
    const id = `${entry.name}@${snapshot.market.name}`;
    const host = hostOf(snapshot, entry, this.#options.repositories);
    if (host.kind === "git") await this.#listings.ensure({ snapshot, entry }, host);
    const current =
      host.kind === "directory"
        ? this.#directoryOffer(id, entry, host.directory)
        : await this.#currentOffer(id, entry, host);
    const releases = await this.#releases(id, entry, host);
    const pinned =
      host.kind === "git" && host.market === undefined && (host.sha !== undefined || host.ref !== undefined);
    const eligible = pinned
      ? releases.filter((release) => current !== undefined && !current.unversioned && isOlder(release, current))
      : releases;
    // A range selects bytes: the tag stands for its version, whatever the working copy calls itself.
    const offers = eligible.map((release) => ({ ...release, current: release.version === current?.version }));
    if (current !== undefined && !offers.some((offer) => offer.version === current.version)) offers.push(current);
    if (offers.length > 0) return sortOffers(offers);
    throw new CodedError(
      "E_PLUGIN_UNKNOWN",
      host.kind === "git"
        ? `\`${host.url.url}\` has no directory \`${host.path}\``
        : `there is no directory \`${host.directory}\``,
      {
        hint: "ask the owner of the catalog to correct the entry",
        where: `${entry.where.file}:${entry.where.line ?? 1}`,
      },
    );
  }

  async peek(snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer> {
    if (offer.source.kind !== "git") return this.#openDirectory(entry, offer);
    const at = await this.#located(snapshot, entry, offer);
    await at.plan.settle();
    const oids = at.plan.oidsOf(MANIFEST_FILES);
    const here = await at.repository.blobs(oids);
    if (oids.some((oid) => !here.has(oid))) {
      const others = (await this.offers(snapshot, entry)).flatMap(({ source }) =>
        source.kind === "git" ? [source] : [],
      );
      await wantManifests(at.repository, others);
      await at.repository.ensureBlobs(oids);
    }
    const opened = await at.plan.open(false, MANIFEST_FILES);
    return { offer, entry: at.entry, ...opened };
  }

  async open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    const located = await Promise.all(
      wanted.map(async ({ snapshot, entry, offer }) =>
        offer.source.kind === "git"
          ? { offer, at: await this.#located(snapshot, entry, offer) }
          : { offer, opened: this.#openDirectory(entry, offer) },
      ),
    );
    const oids = new Map<Repository, string[]>();
    for (const { at } of located) {
      if (at !== undefined) oids.set(at.repository, [...(oids.get(at.repository) ?? []), ...at.plan.oids()]);
    }
    for (const [repository, wantedOids] of oids) {
      this.#options.progress(`fetching ${repository.url?.identity ?? repository.gitDirectory}`);
      await repository.ensureBlobs(wantedOids);
    }
    const opened: OpenedOffer[] = [];
    for (const item of located) {
      if (item.at === undefined) opened.push(item.opened);
      else {
        await item.at.plan.settle();
        opened.push({ offer: item.offer, entry: item.at.entry, ...(await item.at.plan.open(true)) });
      }
    }
    return opened;
  }

  async prepareLocked(sources: readonly LockedSource[]): Promise<void> {
    const byUrl = Map.groupBy(sources.filter(isPinned), (source) => source.url);
    for (const [url, pinned] of byUrl) {
      const repository = this.#options.repositories.remote(parseGitUrl(url));
      this.#options.progress(`fetching ${repository.url?.identity ?? url}`);
      await prepareCommits(repository, pinned);
    }
  }

  async openLocked(source: LockedSource, id: string): Promise<FileTree> {
    if (source.kind === "directory") {
      checkOwner(source.path);
      return this.#options.openTree(source.path);
    }
    if (source.kind !== "git") {
      throw new CodedError(
        "E_SOURCE_UNSUPPORTED",
        `plugin \`${id}\` is locked to the source kind \`${source.kind}\`, which this release cannot read`,
        {
          hint: "a later release will",
        },
      );
    }
    const repository = this.#options.repositories.remote(parseGitUrl(source.url));
    this.#options.progress(`fetching ${id}`);
    const plan = await this.#plan(repository, source, id);
    await repository.ensureBlobs(plan.oids());
    await plan.settle();
    return (await plan.open(true)).tree;
  }

  async close(): Promise<void> {
    this.#options.repositories.close();
  }

  #openDirectory(entry: CatalogEntry, offer: Offer): OpenedOffer {
    if (offer.source.kind !== "directory")
      throw new CodedError("E_INTERNAL", `offer of \`${offer.id}\` has the source kind \`${offer.source.kind}\``);
    checkOwner(offer.source.path);
    const tree = this.#directories.get(offer) ?? this.#options.openTree(offer.source.path);
    return { offer, entry, tree, diagnostics: [] };
  }

  async #located(
    snapshot: CatalogSnapshot,
    entry: CatalogEntry,
    offer: Offer,
  ): Promise<{ readonly repository: Repository; readonly plan: GitTreePlan; readonly entry: CatalogEntry }> {
    const host = hostOf(snapshot, entry, this.#options.repositories);
    const { source } = offer;
    if (source.kind !== "git") throw new CodedError("E_INTERNAL", `offer of \`${offer.id}\` is no git offer`);
    const repository = host.kind === "git" ? host.repository : host.releases?.repository;
    if (repository === undefined) throw new CodedError("E_INTERNAL", `offer of \`${offer.id}\` has no repository`);
    const plan = await this.#plan(repository, source, offer.id);
    const market = host.kind === "git" ? host.market : host.releases?.market;
    if (market === undefined || source.tag === undefined) return { repository, plan, entry };
    const release = { version: offer.version, tag: source.tag, commit: source.commit };
    const [applying = entry] = await this.#tagCatalogs.entriesAt(repository, market, entry, [release]);
    return { repository, plan, entry: applying };
  }

  async #plan(repository: Repository, source: PinnedSource, id: string): Promise<GitTreePlan> {
    const ref = source.tag === undefined ? source.ref : `refs/tags/${source.tag}`;
    const commit = await repository.wantCommit(source.commit, ref, source.path === "");
    const plan = await GitTreePlan.walk(repository, commit.tree, source.path);
    if (plan !== undefined) return plan;
    throw new CodedError(
      "E_PLUGIN_UNKNOWN",
      `\`${id}\` has no directory \`${source.path}\` at commit \`${source.commit}\` of \`${source.url}\``,
      {
        hint: "ask the owner of the catalog to correct the entry",
      },
    );
  }

  #directoryOffer(id: string, entry: CatalogEntry, directory: string): Offer {
    const rootIsMarketplace = entry.source.kind === "relative" && entry.source.path === "";
    const tree = this.#options.openTree(directory);
    const { version } = readManifestHead(tree, { entry, rootIsMarketplace });
    const offer = offerOf(id, version, "unknown", { kind: "directory", path: directory });
    this.#directories.set(offer, tree);
    return offer;
  }

  async #currentOffer(id: string, entry: CatalogEntry, host: GitHost): Promise<Offer | undefined> {
    const { repository, url } = host;
    const oid = host.sha ?? (await repository.head(host.ref ?? "HEAD"));
    if (oid === undefined) {
      throw new CodedError("E_OFFLINE", `\`${url.url}\` was never fetched`, {
        hint: "run it once without `--offline`",
      });
    }
    const commit = await repository.wantCommit(oid, host.ref, host.path === "");
    const path = host.pathIsFallback && (await holdsPlugin(repository, commit.tree)) ? "" : host.path;
    const plan = await GitTreePlan.walk(repository, commit.tree, path);
    if (plan === undefined) return undefined;
    // The current copy of a repository of its own is what is installed most often: one batch brings all of it.
    await repository.ensureBlobs(host.market === undefined ? plan.oids() : plan.oidsOf(MANIFEST_FILES));
    await plan.settle();
    const { tree } = await plan.open(false, MANIFEST_FILES);
    const rootIsMarketplace = entry.source.kind === "relative" && entry.source.path === "";
    const { version } = readManifestHead(tree, { entry, rootIsMarketplace });
    const digits = oid.slice(0, 12);
    const fallback =
      host.market !== undefined || path === ""
        ? digits
        : `${digits}-${createHash("sha256").update(path).digest("hex").slice(0, 8)}`;
    return offerOf(id, version, fallback, {
      kind: "git",
      url: url.url,
      commit: oid,
      path,
      ...(host.ref === undefined ? {} : { ref: host.ref }),
    });
  }

  async #releases(id: string, entry: CatalogEntry, host: Host): Promise<readonly Offer[]> {
    const place =
      host.kind === "git"
        ? { repository: host.repository, url: host.url.url, market: host.market, path: host.path }
        : host.releases;
    if (place === undefined) return [];
    const releases = releasesOf(await place.repository.tags(), entry.name);
    if (releases.length === 0) return [];
    await place.repository.prime(releases.map((release) => release.commit));
    const { market } = place;
    const entries =
      market === undefined
        ? releases.map(() => entry)
        : await this.#tagCatalogs.entriesAt(place.repository, market, entry, releases);
    const offers: Offer[] = [];
    for (const [index, release] of releases.entries()) {
      const commit = await place.repository.commit(release.commit);
      if (commit === undefined) continue;
      const isRoot = host.kind === "git" && host.pathIsFallback && (await holdsPlugin(place.repository, commit.tree));
      const path = isRoot ? "" : pathAt(entries[index] ?? entry, market, host);
      const found = await lookUp(place.repository, commit.tree, path);
      if (found === undefined || found === "escapes" || found.kind !== "directory") continue;
      const source: PinnedSource = { kind: "git", url: place.url, commit: release.commit, path, tag: release.tag };
      offers.push({ id, version: release.version, unversioned: false, current: false, source });
    }
    return offers;
  }
}

/** Where a plugin lies at a tag, given the entry that applies there. */
function pathAt(entry: CatalogEntry, market: MarketTree | undefined, host: Host): string {
  if (market !== undefined && entry.source.kind === "relative")
    return posix.join(market.path, entry.source.path).replace(/^\.$/u, "");
  return host.kind === "git" ? host.path : "";
}

function offerOf(id: string, version: string | undefined, fallback: string, source: LockedSource): Offer {
  const semver = version === undefined ? undefined : semverOf(version);
  return { id, version: semver ?? version ?? fallback, unversioned: semver === undefined, current: true, source };
}

/** A catalog that pins a copy offers nothing newer, and for the pinned version nothing but the pinned bytes. */
function isOlder(release: Offer, current: Offer): boolean {
  return release.version !== current.version && sortOffers([release, current])[0] === current;
}

async function holdsPlugin(repository: Repository, tree: string): Promise<boolean> {
  for (const file of MANIFEST_FILES) {
    const found = await lookUp(repository, tree, file);
    if (found !== undefined && found !== "escapes") return true;
  }
  return false;
}
