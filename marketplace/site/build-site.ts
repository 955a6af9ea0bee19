import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { browserFile } from "./browser-files.ts";
import type { SiteMarket } from "./model.ts";
import { readMarket, type ReadMarketOptions } from "./read-market.ts";
import { renderSite, type RenderOptions, type SiteFile } from "./render-site.ts";
import { requireOutside } from "./site-place.ts";
import { writeSite, type WrittenSite } from "./write-site.ts";

/** A site that was written, and the market it shows. */
export interface BuiltSite extends WrittenSite {
  readonly market: SiteMarket;
}

/** Files that are the same for every site. */
const SHARED = ["site.js", "style.css", "icon.svg"] as const;

/** Reads a marketplace and writes its site into a folder. Throws what `requireOutside` and `writeSite` throw. */
export async function buildSite(
  snapshot: CatalogSnapshot,
  out: string,
  options: ReadMarketOptions & RenderOptions & { readonly dryRun: boolean },
): Promise<BuiltSite> {
  requireOutside(out, snapshot);
  const market = await readMarket(snapshot, options);
  return { market, ...writeSite(out, filesOf(market, options), options.dryRun) };
}

function* filesOf(market: SiteMarket, options: RenderOptions): Generator<SiteFile> {
  for (const name of SHARED) yield { path: `assets/${name}`, text: browserFile(name) };
  yield* renderSite(market, options);
}
