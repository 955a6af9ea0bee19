import { CodedError } from "../../schemas/errors.ts";
import { nearest } from "../../schemas/names.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { findEntry } from "../install/entries.ts";
import { requireFetch } from "../install/fetch-policy.ts";
import { joinId } from "../install/ids.ts";
import { withBundles } from "../mcp-bundles/with-bundles.ts";
import type { Services } from "../services.ts";
import type { Offer, PluginSources } from "../sources/offer.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { PluginSet } from "./compare-sets.ts";
import { readCompared } from "./read-compared.ts";

/** A plugin of a marketplace with the versions that are on offer. */
export interface OfferedPlugin {
  readonly id: string;
  readonly snapshot: CatalogSnapshot;
  readonly entry: CatalogEntry;
  /** Newest first. */
  readonly offers: readonly Offer[];
}

/** What reading versions needs. */
export interface VersionSetOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
}

/** Looks up the versions of a plugin. Throws `E_MARKETPLACE_UNKNOWN`, `E_PLUGIN_UNKNOWN`, `E_AMBIGUOUS`, `E_ENTRY`. */
export async function offeredPlugin(
  name: string,
  market: string,
  { catalogs, sources }: VersionSetOptions,
): Promise<OfferedPlugin> {
  const snapshot = await catalogs.get(market);
  const { entry } = findEntry(snapshot, name);
  return { id: joinId(entry.name, market), snapshot, entry, offers: await sources.offers(snapshot, entry) };
}

/** The offer of a version. Throws `E_PLUGIN_UNKNOWN` when there is none. */
export function offerOf({ id, offers }: OfferedPlugin, version: string): Offer {
  const found = offers.find((offer) => offer.version === version);
  if (found !== undefined) return found;
  const versions = offers.map((offer) => offer.version);
  const near = nearest(version, versions);
  throw new CodedError("E_PLUGIN_UNKNOWN", `\`${id}\` has no version \`${version}\``, {
    hint: near === undefined ? `there are ${versions.slice(0, 8).join(", ")}` : `did you mean \`${near}\`?`,
  });
}

/** One version of a plugin as a set of one; it is fetched when it is compared, as policy allows. */
export function versionSet(plugin: OfferedPlugin, offer: Offer, { services, sources }: VersionSetOptions): PluginSet {
  const { id, snapshot, entry } = plugin;
  const { version, source } = offer;
  const open = async () => {
    requireFetch(services, { id, version, market: snapshot.market, source });
    services.progress(`fetching ${id} ${version}`);
    const [opened] = await sources.open([{ snapshot, entry, offer }]);
    if (opened === undefined)
      throw new CodedError("E_PLUGIN_UNKNOWN", `\`${id}\` ${version} did not arrive`, { hint: "try again" });
    const { market } = snapshot;
    const whole = await withBundles({ id, version, tree: opened.tree, entry: opened.entry, market }, services);
    return readCompared(id, whole.tree, { entry: opened.entry, source }, services.signal);
  };
  return { label: `${id} ${version}`, members: [{ root: "", id, version, content: version, open }] };
}
