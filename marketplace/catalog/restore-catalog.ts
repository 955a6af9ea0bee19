import type { Catalog } from "../../schemas/marketplace.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import { checkNewName } from "./accept-catalog.ts";
import { catalogRootOf } from "./load-catalog.ts";
import type { Records } from "./records.ts";
import type { MarketplaceRecord } from "./registry.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** A marketplace with a catalog that did not come from its own source. */
export interface RestoredCatalog {
  readonly name: string;
  /** Canonical. */
  readonly source: MarketplaceSource;
  readonly identity: string;
  readonly revision: string;
  readonly catalog: Catalog;
}

/** Records a marketplace under its name, unless that belongs to another one. Throws `E_MARKETPLACE_EXISTS` and `E_CONFUSABLE`. */
export async function restoreCatalog(
  { name, source, identity, revision, catalog }: RestoredCatalog,
  records: Records,
  store: SnapshotStore,
  now: Date,
): Promise<void> {
  const at = now.toISOString();
  // What was never fetched from its source is as old as can be, so that the next look at it fetches.
  const record: MarketplaceRecord = {
    name,
    source,
    identity,
    revision,
    addedAt: at,
    fetchedAt: new Date(0).toISOString(),
    root: catalogRootOf(source, revision),
  };
  await records.change(name, (known) => {
    checkNewName(
      name,
      [...known.values()].filter((other) => other.identity !== identity),
      false,
    );
    store.write(name, revision, { value: catalog, diagnostics: [] });
    return record;
  });
}
