/**
 * Where bytes come from, as a catalog entry or a person wrote it, already parsed and checked (formats.md §2.3, §8.3).
 * `sha` is 40 lower-case hex; `path` is a POSIX path relative to the repository root without `./`; `url` of `git` is canonical.
 */
export type SourceSpec =
  /** A directory inside the marketplace that lists it; `""` is the marketplace root. */
  | { readonly kind: "relative"; readonly path: string }
  | ({ readonly kind: "github"; readonly repo: string } & GitSelection)
  | ({ readonly kind: "git"; readonly url: string; readonly pathIsFallback?: boolean | undefined } & GitSelection)
  | {
      readonly kind: "npm";
      readonly package: string;
      readonly version?: string | undefined;
      readonly registry?: string | undefined;
    }
  | { readonly kind: "archive"; readonly url: string; readonly sha256?: string | undefined }
  | { readonly kind: "command"; readonly command: string; readonly timeoutSeconds?: number | undefined }
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "unsupported"; readonly type: string };

/** Which part of a repository is meant. */
export interface GitSelection {
  readonly ref?: string | undefined;
  readonly sha?: string | undefined;
  readonly path?: string | undefined;
}

/** Where a marketplace comes from (formats.md §8.3). */
export type MarketplaceSource =
  | { readonly kind: "directory"; readonly path: string }
  | { readonly kind: "file"; readonly path: string }
  | ({ readonly kind: "github"; readonly repo: string } & CatalogSelection)
  | ({ readonly kind: "git"; readonly url: string } & CatalogSelection)
  | { readonly kind: "url"; readonly url: string }
  | {
      readonly kind: "npm";
      readonly package: string;
      /** Version, range or tag; `latest` when absent. */
      readonly version?: string | undefined;
      /** With a slash at its end; the public one when absent. */
      readonly registry?: string | undefined;
    }
  /** The catalog itself, written where others are named; its entries as they stand there. */
  | {
      readonly kind: "settings";
      readonly name: string;
      readonly plugins: readonly unknown[];
      readonly owner?: unknown;
    };

/** Which revision of a repository holds the catalog, and the path of a catalog in an unusual place. */
interface CatalogSelection {
  readonly ref?: string | undefined;
  readonly path?: string | undefined;
}
