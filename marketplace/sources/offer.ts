import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Cause } from "../solve/provider.ts";

/** One version of a plugin that its source can deliver. */
export interface Offer {
  readonly id: string;
  /** A semver version; or, when `unversioned`, the 12-digit commit, the content hash or `unknown` (formats.md §2.7). */
  readonly version: string;
  readonly unversioned: boolean;
  /** The version of the marketplace's current copy; the bytes are the tag's when there is one. */
  readonly current: boolean;
  readonly source: LockedSource;
  readonly yanked?: string | undefined;
  /** Its publisher's word against it: it is chosen only where nothing else fits. */
  readonly deprecated?: string | undefined;
  /** Never chosen, with the reason. */
  readonly blocked?: Cause | undefined;
}

/** An offer whose files can be read. `entry` is the catalog entry that applies at this version (DESIGN §4 Git). */
export interface OpenedOffer {
  readonly offer: Offer;
  readonly entry: CatalogEntry;
  readonly tree: FileTree;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads versions and bytes of plugins; one listing and one fetch per repository however many plugins live in it. */
export interface PluginSources {
  /** Announces that these entries will be asked for, so that their repositories can be listed together. */
  prefetch(wanted: readonly { readonly snapshot: CatalogSnapshot; readonly entry: CatalogEntry }[]): Promise<void>;
  /** Every version on offer, newest first; never empty without an error. */
  offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]>;
  /** Enough of the tree to read manifest and dependencies; other files may be absent. */
  peek(snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer>;
  /** The complete trees, fetched in one batch per repository. Order as asked. */
  open(
    wanted: readonly { readonly snapshot: CatalogSnapshot; readonly entry: CatalogEntry; readonly offer: Offer }[],
  ): Promise<readonly OpenedOffer[]>;
  /** Fetches what `openLocked` will read: two batches a repository. Throws when it cannot be reached. */
  prepareLocked(sources: readonly LockedSource[]): Promise<void>;
  /** The tree of a locked source, without any catalog (frozen sync, repair). */
  openLocked(source: LockedSource, id: string): Promise<FileTree>;
  close(): Promise<void>;
}
