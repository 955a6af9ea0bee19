import { join } from "node:path";
import type { PlacedFile, Placement } from "./placement.ts";
import type { AgentPlugin, Place } from "./target.ts";

/** How the plugins of a generated marketplace are laid down. */
export interface MarketplaceForm {
  /** Path of the catalog below the marketplace's folder. */
  readonly catalog: string;
  /** Whether the locked tree itself can stand for the plugin. */
  readonly isTree: (plugin: AgentPlugin) => boolean;
  readonly files: (plugin: AgentPlugin) => readonly PlacedFile[];
}

/**
 * One local marketplace with all plugins of a root: a catalog and a folder each, which is a link to the locked tree where
 * the agent reads that as it is. A link may lead out of the marketplace, what lies below it may not: agents refuse that.
 */
export function generatedMarketplace(
  plugins: readonly AgentPlugin[],
  place: Place,
  form: MarketplaceForm,
): readonly Placement[] {
  if (plugins.length === 0) return [];
  const entries = plugins.map((plugin) => ({
    name: plugin.name,
    source: `./plugins/${plugin.name}`,
    version: plugin.version,
    ...(plugin.manifest.description !== undefined && { description: plugin.manifest.description }),
  }));
  const catalog = JSON.stringify(
    { name: place.marketplace, owner: { name: "Plugsmith" }, plugins: entries },
    undefined,
    2,
  );
  return [
    ...plugins.map((plugin): Placement => ({
      path: join(place.own, "plugins", plugin.name),
      key: plugin.key,
      plugin: plugin.id,
      content: form.isTree(plugin)
        ? { kind: "link", target: plugin.tree }
        : { kind: "folder", files: () => form.files(plugin) },
    })),
    // Last, so that it never names a folder that is not there yet.
    { path: join(place.own, form.catalog), key: catalog, content: { kind: "file", text: () => `${catalog}\n` } },
  ];
}
