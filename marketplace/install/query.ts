import { CodedError } from "../../schemas/errors.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { Generation, GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Home } from "../home.ts";
import type { WhyStep } from "../plan/graph.ts";
import { dependants, whyChains } from "../plan/graph.ts";
import type { PlanExecutable } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import { Store } from "../store/store.ts";
import { findEntry, searchEntry } from "./entries.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";
import { InspectionCache } from "./inspection-cache.ts";
import { rangeAdmits } from "./lock-agreement.ts";
import { isMarketplaceRoot } from "./plugin-versions.ts";

/** Everything known about one installed plugin. */
export interface InstalledInfo {
  readonly plugin: GenerationPlugin;
  readonly manifest: PluginManifest;
  readonly executables: readonly PlanExecutable[];
  /** Absolute path of its tree in the store. */
  readonly directory: string;
  readonly dependants: readonly string[];
}

/** Reads what is known about an installed plugin of a root. Throws `E_STATE_CORRUPT` when its manifest is damaged. */
export function installedInfo(
  home: Home,
  generation: Generation,
  root: string,
  plugin: GenerationPlugin,
): InstalledInfo {
  const store = new Store(home);
  const manifest = store.readManifest(plugin.manifest);
  const record = new InspectionCache(home.store).read(plugin.tree, plugin.manifest);
  return {
    plugin,
    manifest,
    executables: (record?.executables ?? []).map((executable) => ({ ...executable, id: plugin.id })),
    directory: store.directory(plugin.tree),
    dependants: dependants(generation.roots[root]?.plugins ?? [], plugin.id),
  };
}

/** What a marketplace says about a plugin that need not be installed. */
export interface OfferedInfo {
  readonly id: string;
  readonly entry: CatalogEntry;
  readonly offers: readonly Offer[];
  readonly newest: Offer;
  /** As its newest version would be loaded; `undefined` when it would not. */
  readonly manifest: PluginManifest | undefined;
  readonly diagnostics: ReturnType<typeof readPlugin>["diagnostics"];
}

/** Looks a plugin up in a marketplace. Throws `E_MARKETPLACE_UNKNOWN`, `E_PLUGIN_UNKNOWN`, `E_AMBIGUOUS`, `E_ENTRY`. */
export async function offeredInfo(
  name: string,
  market: string,
  catalogs: Catalogs,
  sources: PluginSources,
): Promise<OfferedInfo> {
  const snapshot = await catalogs.get(market);
  const { entry } = findEntry(snapshot, name);
  const offers = await sources.offers(snapshot, entry);
  const newest = offers[0];
  if (newest === undefined)
    throw new CodedError("E_PLUGIN_UNKNOWN", `\`${name}@${market}\` has no version`, { hint: "ask its maintainer" });
  const [opened] = await sources.open([{ snapshot, entry, offer: newest }]);
  const read =
    opened === undefined
      ? { manifest: undefined, diagnostics: [] }
      : readPlugin(opened.tree, {
          entry: opened.entry,
          rootIsMarketplace: isMarketplaceRoot(opened.entry),
          fallbackName: name,
        });
  return {
    id: joinId(entry.name, market),
    entry,
    offers,
    newest,
    manifest: read.manifest,
    diagnostics: read.diagnostics,
  };
}

/** Why a plugin is in a root: every chain from something that was asked for, at most 20, shortest first. */
export function whyInstalled(plugins: readonly GenerationPlugin[], id: string): readonly (readonly WhyStep[])[] {
  const nodes = new Map(plugins.map((plugin) => [plugin.id, plugin]));
  const roots = plugins.filter((plugin) => plugin.requested).map((plugin) => plugin.id);
  return whyChains(nodes, roots, id, 20);
}

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
  /** Why its source could not be asked. */
  readonly problem?: string | undefined;
}

/** Compares a root's plugins with what their sources offer now. `ranges` are the intent's, by id. */
export async function findOutdated(
  plugins: readonly GenerationPlugin[],
  ranges: Readonly<Record<string, string>>,
  {
    catalogs,
    sources,
    services,
  }: { readonly catalogs: Catalogs; readonly sources: PluginSources; readonly services: Services },
): Promise<readonly OutdatedPlugin[]> {
  const found: OutdatedPlugin[] = [];
  for (const plugin of plugins) {
    services.signal.throwIfAborted();
    const { name, market } = splitId(plugin.id);
    if (market === LOCAL_MARKET) continue;
    const installed = plugin.version;
    const unknown = { id: plugin.id, installed, wanted: installed, newest: installed, changed: false };
    if (!catalogs.has(market)) {
      found.push({ ...unknown, problem: `the marketplace \`${market}\` was not added` });
      continue;
    }
    const snapshot = await catalogs.get(market);
    const entry = searchEntry(snapshot, name);
    if (entry.kind === "absent") {
      found.push({ ...unknown, problem: entry.error.message });
      continue;
    }
    const offers = await sources.offers(snapshot, entry.entry);
    const all = [ranges[plugin.id] ?? "*", ...plugins.flatMap((other) => other.dependencies[plugin.id] ?? [])];
    const usable = offers.filter((offer) => offer.yanked === undefined);
    // Without any range the marketplace's current copy is what `update` installs.
    const open = all.every((range) => range.trim() === "*");
    const wanted =
      usable.find((offer) => open && offer.current) ??
      usable.find((offer) => all.every((range) => rangeAdmits(range, offer.version)));
    const same = offers.find((offer) => offer.version === installed);
    const changed = same !== undefined && !isSameSource(same.source, plugin.source);
    const newest = usable[0]?.version ?? installed;
    if (changed || newest !== installed || (wanted !== undefined && wanted.version !== installed)) {
      found.push({ ...unknown, wanted: wanted?.version ?? installed, newest, changed });
    }
  }
  return found;
}

function isSameSource(left: LockedSource, right: LockedSource): boolean {
  if (left.kind === "git" && right.kind === "git") return left.commit === right.commit && left.path === right.path;
  return left.kind === right.kind;
}

/** A damaged or missing tree of an installed plugin. */
export interface VerifyFinding {
  readonly id: string;
  readonly root: string;
  readonly problems: readonly { readonly message: string; readonly file?: string | undefined }[];
}

/** Hashes every installed tree again. One finding per plugin and root whose tree is not what its name says. */
export function verifyInstalled(
  home: Home,
  plugins: readonly { readonly root: string; readonly plugin: GenerationPlugin }[],
): { readonly checked: number; readonly findings: readonly VerifyFinding[] } {
  const store = new Store(home);
  const verdicts = new Map<string, ReturnType<Store["verify"]>>();
  const findings: VerifyFinding[] = [];
  for (const { root, plugin } of plugins) {
    const verdict = verdicts.get(plugin.tree) ?? store.verify(plugin.tree);
    verdicts.set(plugin.tree, verdict);
    if (!verdict.ok) findings.push({ id: plugin.id, root, problems: verdict.problems });
  }
  return { checked: verdicts.size, findings };
}
