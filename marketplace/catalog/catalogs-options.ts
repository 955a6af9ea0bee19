import type { Audit, Exclusively } from "plugsmith/plugin-api";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { CodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Decide } from "../../schemas/policy.ts";
import type { Packages } from "../packages/packages.ts";
import type { Repositories } from "../sources/repositories.ts";
import type { SourceRewrites } from "../sources/source-rewrites.ts";
import type { CatalogSnapshot, KnownMarketplace } from "./snapshot.ts";

/** What catalogs need from the composition root. */
export interface CatalogsOptions {
  /** `Home.marketplaces`. */
  readonly directory: string;
  readonly repositories: Repositories;
  readonly packages: Packages;
  readonly rewrites: Pick<SourceRewrites, "web">;
  readonly openTree: (directory: string) => FileTree;
  readonly decide: Decide;
  /** Told of every marketplace that comes, changes or goes, and of every refusal. */
  readonly audit: Audit;
  readonly offline: boolean;
  /** Holds the home while the registry is written; it does not nest. */
  readonly exclusively: Exclusively;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly progress: (message: string | undefined) => void;
  /** Whether a plugin of this marketplace is installed; a refresh that would make its name ambiguous is then refused. */
  readonly isInstalled?: ((name: string, market: string) => boolean) | undefined;
}

/** How to add a marketplace. */
export interface AddOptions {
  readonly dryRun?: boolean | undefined;
  /** Accept a name that looks like one that is already known (attacks NM02). */
  readonly allowConfusable?: boolean | undefined;
}

/** A marketplace that was added, or was there already. */
export interface Added {
  readonly market: KnownMarketplace;
  readonly snapshot: CatalogSnapshot;
  readonly already: boolean;
}

/** What a refresh did to one marketplace; after `failed` the last good copy stays in use. */
export type UpdateResult =
  | { readonly name: string; readonly outcome: "unchanged"; readonly revision: string }
  | {
      readonly name: string;
      readonly outcome: "updated";
      readonly from: string;
      readonly to: string;
      readonly diagnostics: readonly Diagnostic[];
    }
  | { readonly name: string; readonly outcome: "failed"; readonly revision: string; readonly error: CodedError };

/** How to refresh. */
export interface UpdateOptions {
  /** Accept an older catalog than the one on disk (attacks MK12). */
  readonly allowRollback?: boolean | undefined;
}
