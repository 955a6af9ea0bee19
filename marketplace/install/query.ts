import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import { runTree, type Generation, type GenerationPlugin } from "../../schemas/generation.ts";
import { launcherStates, type LauncherState } from "../../schemas/launchers/launcher-state.ts";
import type { CatalogEntry, PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { Home } from "../home.ts";
import type { WhyStep } from "../plan/graph.ts";
import { dependants, whyChains } from "../plan/graph.ts";
import type { PlanExecutable } from "../plan/plan.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import { Store } from "../store/store.ts";
import { findEntry } from "./entries.ts";
import { joinId } from "./ids.ts";
import { readInspection } from "./inspection-record.ts";
import { isMarketplaceRoot } from "./plugin-versions.ts";

/** Everything known about one installed plugin. */
export interface InstalledInfo {
  readonly plugin: GenerationPlugin;
  readonly manifest: PluginManifest;
  readonly executables: readonly PlanExecutable[];
  /** Its commands that download what they start. */
  readonly launchers: readonly LauncherState[];
  /** Absolute path of the tree in the store that it is run from. */
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
  const record = readInspection(store, plugin.tree, plugin.manifest);
  return {
    plugin,
    manifest,
    executables: (record?.executables ?? []).map((executable) => ({ ...executable, id: plugin.id })),
    launchers: launcherStates(manifest, plugin),
    directory: store.directory(runTree(plugin)),
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
  readonly diagnostics: readonly Diagnostic[];
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
