import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Catalog } from "../../schemas/marketplace.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";

/** A marketplace that was added: a local name bound to one canonical source until it is removed. */
export interface KnownMarketplace {
  readonly name: string;
  readonly source: MarketplaceSource;
  readonly identity: string;
  /** Commit of a git marketplace, else the digest of the catalog file. */
  readonly revision: string;
  readonly addedAt: string;
  readonly fetchedAt: string;
  /** Why the newest refresh failed, when it did; the last good copy is then in use. */
  readonly refreshError?: string | undefined;
}

/** Where relative sources of a catalog lie. */
export type CatalogRoot =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "git"; readonly url: string; readonly commit: string; readonly path: string }
  /** The release of a package whose content is the marketplace. */
  | {
      readonly kind: "npm";
      readonly package: string;
      readonly version: string;
      readonly registry?: string | undefined;
      readonly integrity: string;
    }
  /** A catalog fetched as one file, which can have no relative sources. */
  | { readonly kind: "none" };

/** One revision of a catalog with what was found wrong in it. */
export interface CatalogSnapshot {
  readonly market: KnownMarketplace;
  readonly catalog: Catalog;
  readonly root: CatalogRoot;
  readonly diagnostics: readonly Diagnostic[];
}
