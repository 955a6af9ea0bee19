import { CodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import type { Wanted } from "./listings.ts";
import type { Offer, OpenedOffer, PluginSources } from "./offer.ts";

/** The readers of the kinds of sources. */
export interface SourceReaders {
  /** Git and directories, and the refusal of what nobody reads. */
  readonly repositories: PluginSources;
  readonly packages: PluginSources;
  readonly archives: PluginSources;
  readonly commands: PluginSources;
}

/** Every kind of source behind one door: each entry and each locked source goes to the reader of its kind. */
export class SourceSet implements PluginSources {
  readonly #readers: SourceReaders;

  constructor(readers: SourceReaders) {
    this.#readers = readers;
  }

  async prefetch(wanted: readonly Wanted[]): Promise<void> {
    const groups = Map.groupBy(wanted, ({ snapshot, entry }) => this.#ofEntry(snapshot, entry));
    await Promise.all([...groups].map(([reader, group]) => reader.prefetch(group)));
  }

  async offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]> {
    return await this.#ofEntry(snapshot, entry).offers(snapshot, entry);
  }

  async peek(snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer> {
    return await this.#ofLocked(offer.source).peek(snapshot, entry, offer);
  }

  async open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    const groups = Map.groupBy(wanted.entries(), ([, { offer }]) => this.#ofLocked(offer.source));
    const opened: OpenedOffer[] = [];
    for (const [reader, group] of groups) {
      const found = await reader.open(group.map(([, one]) => one));
      for (const [index, [place]] of group.entries()) {
        const one = found[index];
        if (one === undefined) throw new CodedError("E_INTERNAL", "a source did not open what it offers");
        opened[place] = one;
      }
    }
    return opened;
  }

  async prepareLocked(sources: readonly LockedSource[]): Promise<void> {
    for (const [reader, group] of Map.groupBy(sources, (source) => this.#ofLocked(source)))
      await reader.prepareLocked(group);
  }

  async openLocked(source: LockedSource, id: string): Promise<FileTree> {
    return await this.#ofLocked(source).openLocked(source, id);
  }

  async close(): Promise<void> {
    await this.#readers.repositories.close();
    await this.#readers.packages.close();
    await this.#readers.archives.close();
    await this.#readers.commands.close();
  }

  #ofEntry({ root }: CatalogSnapshot, { source }: CatalogEntry): PluginSources {
    if (source.kind === "archive") return this.#readers.archives;
    if (source.kind === "command") return this.#readers.commands;
    const isPackage = source.kind === "npm" || (source.kind === "relative" && root.kind === "npm");
    return isPackage ? this.#readers.packages : this.#readers.repositories;
  }

  #ofLocked({ kind }: LockedSource): PluginSources {
    if (kind === "archive") return this.#readers.archives;
    if (kind === "command") return this.#readers.commands;
    return kind === "npm" ? this.#readers.packages : this.#readers.repositories;
  }
}
