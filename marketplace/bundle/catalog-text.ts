import type { Catalog } from "../../schemas/marketplace.ts";

/**
 * A catalog as its marketplace could have written it, for a machine that reads and checks it as a new one; what was unusable in it
 * is not in there any more. Equal for equal catalogs.
 */
export function catalogText(catalog: Catalog): string {
  const { name, owner, description, version, pluginRoot, entries, renames } = catalog;
  const { allowCrossMarketplaceDependenciesOn, forceRemoveDeletedPlugins } = catalog;
  const json = {
    name,
    owner,
    description,
    version,
    metadata: pluginRoot === "" ? undefined : { pluginRoot },
    plugins: entries.map(({ raw }) => raw),
    renames,
    allowCrossMarketplaceDependenciesOn,
    forceRemoveDeletedPlugins,
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
