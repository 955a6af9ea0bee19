import { CodedError } from "../../schemas/errors.ts";
import { readManifestHead, type FileTree } from "../../schemas/formats/index.ts";
import { memoryTree } from "../../schemas/formats/memory-tree.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { lockedRegistry } from "../packages/package-registry.ts";
import type { Packages } from "../packages/packages.ts";
import type { Cause } from "../solve/provider.ts";
import type { Wanted } from "./listings.ts";
import { eligibleReleases } from "./npm-releases.ts";
import type { Offer, OpenedOffer, PluginSources } from "./offer.ts";
import { semverOf, sortOffers } from "./releases.ts";

/** A locked source that is a package. */
type LockedPackageSource = Extract<LockedSource, { kind: "npm" }>;

/** What npm sources need beside the registries. */
export interface NpmSourcesOptions {
  readonly packages: Packages;
  /** How old a release of a plugin has to be, in milliseconds, and the rule that says so. */
  readonly minimumAge:
    ((id: string) => { readonly ms: number; readonly cause: Omit<Cause, "notice"> } | undefined) | undefined;
  readonly now: () => Date;
  readonly remark: (message: string) => void;
}

/** Plugins that are packages of a registry, and those that lie inside a package that is a marketplace. */
export class NpmSources implements PluginSources {
  readonly #options: NpmSourcesOptions;
  readonly #packages: Packages;

  constructor(options: NpmSourcesOptions) {
    this.#options = options;
    this.#packages = options.packages;
  }

  async prefetch(wanted: readonly Wanted[]): Promise<void> {
    const specs = wanted.flatMap(({ entry }) => (entry.source.kind === "npm" ? [entry.source] : []));
    await this.#packages.lookUp(specs);
  }

  async offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]> {
    const { source } = entry;
    const id = `${entry.name}@${snapshot.market.name}`;
    if (source.kind !== "npm") return [await this.#insideOffer(id, snapshot, entry)];
    const { registry, packument } = await this.#packages.document(source.package, source.registry);
    const place = `${entry.where.file}:${entry.where.line ?? 1}`;
    const { releases, preferred } = eligibleReleases(packument, source.version, place);
    const offers = releases.map((release): Offer => {
      const { version, integrity = "", deprecated } = release;
      const blocked = integrity === "" ? WITHOUT_DIGEST : this.#tooYoung(id, release.publishedAt);
      return {
        id,
        version,
        unversioned: false,
        current: version === preferred,
        source: { kind: "npm", package: source.package, version, ...lockedRegistry(registry), integrity },
        ...(deprecated === undefined ? {} : { deprecated }),
        ...(blocked === undefined ? {} : { blocked }),
      };
    });
    return sortOffers(offers);
  }

  async peek(snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer> {
    const [opened] = await this.#open([{ snapshot, entry, offer }]);
    if (opened === undefined) throw new CodedError("E_INTERNAL", `\`${offer.id}\` was not opened`);
    return opened;
  }

  /** Also tells what of it its publishers advise against. */
  async open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    for (const { offer } of wanted) {
      const { id, version, deprecated } = offer;
      if (deprecated !== undefined) this.#options.remark(`\`${id}\` ${version} is deprecated: ${deprecated}`);
    }
    return await this.#open(wanted);
  }

  async prepareLocked(sources: readonly LockedSource[]): Promise<void> {
    await this.#packages.fetch(sources.filter((source) => source.kind === "npm"));
  }

  async openLocked(source: LockedSource, id: string): Promise<FileTree> {
    if (source.kind !== "npm") throw new CodedError("E_INTERNAL", `\`${id}\` is locked to no package`);
    await this.#packages.fetch([source]);
    return await this.#tree(source);
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    const sources = wanted.map(({ offer }) => sourceOf(offer));
    await this.#packages.fetch(sources);
    const opened: OpenedOffer[] = [];
    for (const [index, { offer, entry }] of wanted.entries()) {
      const source = sources[index];
      if (source === undefined) continue;
      opened.push({ offer, entry, tree: await this.#tree(source), diagnostics: [] });
    }
    return opened;
  }

  async #tree(source: LockedPackageSource): Promise<FileTree> {
    const files = await this.#packages.files(source);
    const prefix = source.path === undefined ? "" : `${source.path}/`;
    const inside = [...files].flatMap(([path, { bytes, executable }]) =>
      path.startsWith(prefix) ? [[path.slice(prefix.length), { text: bytes, executable }] as const] : [],
    );
    return memoryTree(Object.fromEntries(inside));
  }

  async #insideOffer(id: string, { root }: CatalogSnapshot, entry: CatalogEntry): Promise<Offer> {
    if (entry.source.kind !== "relative" || root.kind !== "npm")
      throw new CodedError("E_INTERNAL", `\`${id}\` lies in no package`);
    const { path } = entry.source;
    const { kind: _, ...own } = root;
    const source: LockedPackageSource = { kind: "npm", ...own, ...(path === "" ? {} : { path }) };
    await this.#packages.fetch([source]);
    const { version } = readManifestHead(await this.#tree(source), { entry, rootIsMarketplace: path === "" });
    const semver = semverOf(version ?? root.version);
    return {
      id,
      version: semver ?? version ?? root.version,
      unversioned: semver === undefined,
      current: true,
      source,
    };
  }

  #tooYoung(id: string, publishedAt: string | undefined): Cause | undefined {
    const minimum = this.#options.minimumAge?.(id);
    if (minimum === undefined) return undefined;
    const published = publishedAt === undefined ? Number.NaN : Date.parse(publishedAt);
    if (Number.isNaN(published))
      return {
        ...minimum.cause,
        notice: "policy demands a minimum age, and the registry does not say when it was published",
      };
    const eligible = published + minimum.ms;
    if (eligible <= this.#options.now().getTime()) return undefined;
    const from = Number.isFinite(eligible)
      ? `may be used from ${new Date(eligible).toISOString()}`
      : "may never be used";
    return { ...minimum.cause, notice: `it was published at ${publishedAt ?? ""}, and policy says that it ${from}` };
  }
}

const WITHOUT_DIGEST: Cause = {
  kind: "source",
  code: "E_INTEGRITY",
  notice: "its registry names no digest of it that is stronger than SHA-1",
  hint: "ask its author to publish it again",
};

function sourceOf({ id, source }: Offer): LockedPackageSource {
  if (source.kind === "npm") return source;
  throw new CodedError("E_INTERNAL", `offer of \`${id}\` is no package`);
}
