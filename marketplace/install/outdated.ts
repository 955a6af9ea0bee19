import { basename, resolve } from "node:path";
import { readManifestHead } from "../../schemas/formats/index.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { Digest, LockedSource } from "../../schemas/lockfile.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Services } from "../services.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import { DEFAULT_TREE_LIMITS } from "../store/member-rules.ts";
import { scanTree } from "../store/tree-scan.ts";
import { searchEntry } from "./entries.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";
import { rangeAdmits } from "./lock-agreement.ts";
import { openFolder } from "./local-folder.ts";
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
        ? folderChange(plugin, asked.services)
        : await catalogChange(plugin, [ranges[plugin.id] ?? "*", ...rangesOn(plugin.id, plugins)], asked);
    if (outdated !== undefined) found.push(outdated);
  }
  return found;
}

function rangesOn(id: string, plugins: readonly GenerationPlugin[]): readonly string[] {
  return plugins.flatMap((other) => other.dependencies[id] ?? []);
}

function unchanged({ id, version }: GenerationPlugin): OutdatedPlugin {
  return { id, installed: version, wanted: version, newest: version, changed: false };
}

function folderChange(plugin: GenerationPlugin, services: Services): OutdatedPlugin | undefined {
  const { source } = plugin;
  if (source.kind !== "directory") return undefined;
  const path = resolve(source.path);
  const tree = openFolder(path, services);
  if (tree === undefined) return { ...unchanged(plugin), problem: `its folder \`${path}\` does not exist` };
  const version = readManifestHead(tree, { fallbackName: basename(path) }).version ?? "unknown";
  const changed = version === plugin.version && digestOf(tree, source) !== plugin.tree;
  if (!changed && version === plugin.version) return undefined;
  return { ...unchanged(plugin), wanted: version, newest: version, changed };
}

async function catalogChange(
  plugin: GenerationPlugin,
  ranges: readonly string[],
  { catalogs, sources }: OutdatedSources,
): Promise<OutdatedPlugin | undefined> {
  const { id, version } = plugin;
  const { name, market } = splitId(id);
  if (!catalogs.has(market)) return { ...unchanged(plugin), problem: `the marketplace \`${market}\` was not added` };
  const snapshot = await catalogs.get(market);
  const listed = searchEntry(snapshot, name);
  if (listed.kind === "absent") return { ...unchanged(plugin), problem: `delisted: ${listed.error.message}` };
  const { entry } = listed;
  const offers = await sources.offers(snapshot, entry);
  const usable = offers.filter((offer) => offer.yanked === undefined && offer.blocked === undefined);
  const wanted =
    firstOf(usable.filter((offer) => ranges.every((range) => rangeAdmits(range, offer.version)))) ?? version;
  const newest = firstOf(usable) ?? version;
  const same = offers.find((offer) => offer.version === version);
  const tampered = same === undefined ? undefined : republication(plugin.source, same.source);
  if (tampered !== undefined) return { ...unchanged(plugin), problem: tampered.message };
  const changed =
    same !== undefined && (await hasOtherBytes(plugin, same, (offer) => sources.open([{ snapshot, entry, offer }])));
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
  { source, tree }: GenerationPlugin,
  offer: Offer,
  open: (offer: Offer) => Promise<readonly { readonly tree: FileTree }[]>,
): Promise<boolean> {
  if (isPinnedAlike(source, offer.source)) return false;
  const [opened] = await open(offer);
  return opened !== undefined && digestOf(opened.tree, offer.source) !== tree;
}

function isPinnedAlike(left: LockedSource, right: LockedSource): boolean {
  if (left.kind === "archive") return right.kind === "archive" && left.sha256 === right.sha256;
  if (left.kind === "npm")
    return right.kind === "npm" && left.integrity === right.integrity && left.path === right.path;
  return left.kind === "git" && right.kind === "git" && left.commit === right.commit && left.path === right.path;
}

function digestOf(tree: FileTree, source: LockedSource): Digest {
  const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, ...leftOut(source), onFile: () => undefined });
  return treeDigest(members);
}
