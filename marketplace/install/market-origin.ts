import { resolve } from "node:path";
import { canonicalSource } from "../../schemas/identity.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";

/** The canonical source of a marketplace. */
export interface MarketOrigin {
  readonly source: MarketplaceSource;
  readonly identity: string;
}

/**
 * Makes the function that tells where a plugin's marketplace lies: the one that was added under that name, else the
 * one that the lock names. A plugin added by path counts as coming from its own directory.
 */
export function marketLookup(
  lock: Lockfile,
  catalogs: Catalogs,
  intents: readonly (Intent | undefined)[],
  base: string,
): (id: string) => MarketOrigin | undefined {
  const byName = new Map<string, MarketOrigin | undefined>();
  return (id) => {
    const { market } = splitId(id);
    if (market === LOCAL_MARKET) {
      const path = intents.find((intent) => intent?.plugins[id]?.path !== undefined)?.plugins[id]?.path;
      return path === undefined ? undefined : canonicalSource({ kind: "directory", path: resolve(base, path) });
    }
    if (!byName.has(market))
      byName.set(market, catalogs.has(market) ? catalogs.known(market) : lock.marketplaces[market]);
    return byName.get(market);
  };
}
