import { basename, resolve } from "node:path";
import { readManifestHead } from "../../schemas/formats/index.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Services } from "../services.ts";
import { type NewerLauncher, newerLaunchers } from "../launchers/newer-launchers.ts";
import { type SourcePlugin, withBundles } from "../mcp-bundles/with-bundles.ts";
import type { Offer, OpenedOffer, PluginSources } from "../sources/offer.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import { scanTree } from "../store/tree-scan.ts";
import { searchEntry } from "./entries.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";
import { rangeAdmits } from "./lock-agreement.ts";
import { openFolder } from "./local-folder.ts";
import type { MarketOrigin } from "./market-origin.ts";
import { leftOut } from "./materialize.ts";
import { republication } from "../packages/packages.ts";

/** One plugin that has something newer than what is installed. */
export interface OutdatedPlugin {
  readonly id: string;
  readonly installed: string;
  /** The newest version that every range on it admits. */
  readonly wanted: string;
  /** The newest version on offer. */
  readonly newest: string;
  /** Same version string, other bytes: a moved tag, or an edit without a new version. */
  readonly changed: boolean;
  /** The tag that names another commit now than the one that was locked. */
  readonly movedTag?: string | undefined;
  /** Its name today, when its marketplace renamed it. */
  readonly renamedTo?: string | undefined;
  /** Why its source could not be asked, e.g. because the plugin was delisted. */
  readonly problem?: string | undefined;
  /** What its commands start and an update would replace, although the plugin itself may be the same. */
  readonly launchers?: readonly NewerLauncher[] | undefined;
}

/** What `findOutdated` asks. */
export interface OutdatedSources {
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
  readonly services: Services;
}

/** Compares a root's plugins with what their sources offer now. `ranges` are the intent's, by id. */
export async function findOutdated(
  plugins: readonly GenerationPlugin[],
  ranges: Readonly<Record<string, string>>,
  asked: OutdatedSources,
): Promise<readonly OutdatedPlugin[]> {
  const found: OutdatedPlugin[] = [];
  for (const plugin of plugins) {
    asked.services.signal.throwIfAborted();
    const { market } = splitId(plugin.id);
    const outdated =
      market === LOCAL_MARKET
        ? await folderChange(plugin, asked.services)
        : await catalogChange(plugin, [ranges[plugin.id] ?? "*", ...rangesOn(plugin.id, plugins)], asked);
    const launchers = await newerLaunchers(plugin, asked.services);
    if (launchers.length > 0) found.push({ ...(outdated ?? unchanged(plugin)), launchers });
    else if (outdated !== undefined) found.push(outdated);
  }
  return found;
}

function rangesOn(id: string, plugins: readonly GenerationPlugin[]): readonly string[] {
  return plugins.flatMap((other) => other.dependencies[id] ?? []);
}

function unchanged({ id, version }: GenerationPlugin): OutdatedPlugin {
  return { id, installed: version, wanted: version, newest: version, changed: false };
}

async function folderChange(plugin: GenerationPlugin, services: Services): Promise<OutdatedPlugin | undefined> {
  const { source } = plugin;
  if (source.kind !== "directory") return undefined;
  const path = resolve(source.path);
  const tree = openFolder(path, services);
  if (tree === undefined) return { ...unchanged(plugin), problem: `its folder \`${path}\` does not exist` };
  const version = readManifestHead(tree, { fallbackName: basename(path) }).version ?? "unknown";
  const content = { tree, entry: undefined, source, market: undefined };
  const changed = version === plugin.version && (await digestOf(content, plugin, services)) !== plugin.tree;
  if (!changed && version === plugin.version) return undefined;
  return { ...unchanged(plugin), wanted: version, newest: version, changed };
}

async function catalogChange(
  plugin: GenerationPlugin,
  ranges: readonly string[],
  { catalogs, sources, services }: OutdatedSources,
): Promise<OutdatedPlugin | undefined> {
  const { id, version } = plugin;
  const { name, market } = splitId(id);
  if (!catalogs.has(market)) return { ...unchanged(plugin), problem: `the marketplace \`${market}\` was not added` };
  const snapshot = await catalogs.get(market);
  const listed = searchEntry(snapshot, name);
  if (listed.kind === "absent") return { ...unchanged(plugin), problem: `delisted: ${listed.error.message}` };
  const { entry } = listed;
  // What its command would bring, nobody knows until it is run, and that needs a yes.
  if (entry.source.kind === "command" && plugin.source.kind === "command") return undefined;
  const offers = await sources.offers(snapshot, entry);
  const usable = offers.filter((offer) => offer.yanked === undefined && offer.blocked === undefined);
  const wanted =
    firstOf(usable.filter((offer) => ranges.every((range) => rangeAdmits(range, offer.version)))) ?? version;
  const newest = firstOf(usable) ?? version;
  const same = offers.find((offer) => offer.version === version);
  const tampered = same === undefined ? undefined : republication(plugin.source, same.source);
  if (tampered !== undefined) return { ...unchanged(plugin), problem: tampered.message };
  const open = (offer: Offer) => sources.open([{ snapshot, entry, offer }]);
  const changed =
    same !== undefined && (await hasOtherBytes(plugin, same, { open, market: snapshot.market, services }));
  const tag = same?.source.kind === "git" ? same.source.tag : undefined;
  const isMoved = changed && tag !== undefined && plugin.source.kind === "git" && plugin.source.tag === tag;
  if (!changed && newest === version && wanted === version && listed.renamedFrom === undefined) return undefined;
  return {
    ...unchanged(plugin),
    wanted,
    newest,
    changed,
    ...(isMoved ? { movedTag: tag } : {}),
    ...(listed.renamedFrom === undefined ? {} : { renamedTo: joinId(entry.name, market) }),
  };
}

/** The version that an update takes of several, newest first: of a package the one that its registry's tag names. */
function firstOf(offers: readonly Offer[]): string | undefined {
  const tagged = offers.find((offer) => offer.current && offer.source.kind === "npm");
  return (tagged ?? offers[0])?.version;
}

/** A marketplace's newer commit alone changes nothing; only then are the files looked at. */
async function hasOtherBytes(
  plugin: GenerationPlugin,
  offer: Offer,
  asked: {
    readonly open: (offer: Offer) => Promise<readonly OpenedOffer[]>;
    readonly market: MarketOrigin;
    readonly services: Services;
  },
): Promise<boolean> {
  const { source } = offer;
  if (isPinnedAlike(plugin.source, source)) return false;
  const [opened] = await asked.open(offer);
  if (opened === undefined) return false;
  const { tree, entry } = opened;
  return (await digestOf({ tree, entry, source, market: asked.market }, plugin, asked.services)) !== plugin.tree;
}

function isPinnedAlike(left: LockedSource, right: LockedSource): boolean {
  if (left.kind === "archive") return right.kind === "archive" && left.sha256 === right.sha256;
  if (left.kind === "npm")
    return right.kind === "npm" && left.integrity === right.integrity && left.path === right.path;
  return left.kind === "git" && right.kind === "git" && left.commit === right.commit && left.path === right.path;
}

async function digestOf(
  { source, ...content }: Pick<SourcePlugin, "tree" | "entry" | "market"> & { readonly source: LockedSource },
  { id, version, tree: locked }: GenerationPlugin,
  services: Services,
): Promise<string> {
  const { tree } = await withBundles({ id, version, locked, ...content, ...leftOut(source) }, services);
  const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, ...leftOut(source), onFile: () => undefined });
  return treeDigest(members);
}
