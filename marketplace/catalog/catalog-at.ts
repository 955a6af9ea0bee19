import { CodedError } from "../../schemas/errors.ts";
import { canonicalSource } from "../../schemas/identity.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { acceptCatalog } from "./accept-catalog.ts";
import type { CatalogsOptions } from "./catalogs-options.ts";
import { loadCatalog } from "./load-catalog.ts";
import { seenFromHere } from "./record.ts";
import { requireAllowed } from "./require-allowed.ts";
import type { CatalogSnapshot } from "./snapshot.ts";

/**
 * The catalog at a source as it is now, whatever marketplaces were added under its name; nothing is recorded. Local paths must be
 * absolute. Throws what adding it would throw.
 */
export async function catalogAt(argument: MarketplaceSource, options: CatalogsOptions): Promise<CatalogSnapshot> {
  const { source, identity } = canonicalSource(seenFromHere(argument, options.packages));
  const { repositories, packages, rewrites, openTree, offline, signal, now } = options;
  requireAllowed(options, { kind: "marketplace", name: undefined, source, identity }, "add");
  const loaded = await loadCatalog(source, {
    repositories,
    packages,
    rewrites,
    openTree,
    offline,
    signal,
    checkAddress: (url) =>
      requireAllowed(
        options,
        { kind: "marketplace", name: undefined, source: { kind: "url", url }, identity: url },
        "add",
      ),
  });
  if (loaded === "unchanged") throw new CodedError("E_INTERNAL", "a first download cannot be unchanged");
  const { value: catalog, diagnostics } = await acceptCatalog(loaded, repositories);
  requireAllowed(options, { kind: "marketplace", name: catalog.name, source, identity }, "add");
  const time = now().toISOString();
  const { revision, root } = loaded;
  return {
    market: { name: catalog.name, source, identity, revision, addedAt: time, fetchedAt: time },
    catalog,
    root,
    diagnostics,
  };
}
