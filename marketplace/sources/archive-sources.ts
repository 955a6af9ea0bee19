import { createHash } from "node:crypto";
import { CodedError } from "../../schemas/errors.ts";
import { readManifestHead, type FileTree } from "../../schemas/formats/index.ts";
import { memoryTree } from "../../schemas/formats/memory-tree.ts";
import type { LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { downloadArchive } from "../archives/download-archive.ts";
import { type ArchiveFile, PLUGIN_LIMITS } from "../archives/members.ts";
import { pluginFilesOf } from "../archives/plugin-root.ts";
import { unpackTarball } from "../archives/tarball.ts";
import { unpackZip } from "../archives/zip.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { keepContent, keptContent } from "../packages/content-cache.ts";
import { entryHeaders } from "./entry-headers.ts";
import type { Wanted } from "./listings.ts";
import type { Offer, OpenedOffer, PluginSources } from "./offer.ts";
import { semverOf } from "./releases.ts";
import type { SourceRewrites } from "./source-rewrites.ts";

/** What archive sources need from the composition root. */
export interface ArchiveSourcesOptions {
  /** Directory that keeps archives by digest. */
  readonly cache: string;
  readonly offline: boolean;
  readonly signal: AbortSignal;
  readonly progress: (message: string | undefined) => void;
  /** Throws for an address that archives may not come from. */
  readonly checkAddress: (url: URL) => void;
  readonly rewrites: Pick<SourceRewrites, "web">;
}

type LockedArchive = Extract<LockedSource, { kind: "archive" }>;

/** Plugins that are zip files or gzipped tarballs at a web address: one version, named by its digest. */
export class ArchiveSources implements PluginSources {
  readonly #options: ArchiveSourcesOptions;
  readonly #trees = new Map<string, FileTree>();

  constructor(options: ArchiveSourcesOptions) {
    this.#options = options;
  }

  async prefetch(): Promise<void> {
    // An archive is fetched when it is asked for: there is nothing to list.
  }

  async offers(snapshot: CatalogSnapshot, entry: CatalogEntry): Promise<readonly Offer[]> {
    const { source } = entry;
    const id = `${entry.name}@${snapshot.market.name}`;
    if (source.kind !== "archive") throw new CodedError("E_INTERNAL", `\`${id}\` is no archive`);
    const sha256 = source.sha256 ?? digestOf(await this.#download(source.url, id, entryHeaders(entry)));
    const locked: LockedArchive = { kind: "archive", url: source.url, sha256 };
    const { version } = readManifestHead(await this.#tree(locked, id, entryHeaders(entry)), { entry });
    const semver = version === undefined ? undefined : semverOf(version);
    const unversioned = semver === undefined;
    return [{ id, version: semver ?? version ?? sha256.slice(0, 12), unversioned, current: true, source: locked }];
  }

  async peek(_snapshot: CatalogSnapshot, entry: CatalogEntry, offer: Offer): Promise<OpenedOffer> {
    const tree = await this.#tree(archiveOf(offer), offer.id, entryHeaders(entry));
    return { offer, entry, tree, diagnostics: [] };
  }

  async open(wanted: readonly (Wanted & { readonly offer: Offer })[]): Promise<readonly OpenedOffer[]> {
    const opened: OpenedOffer[] = [];
    for (const { snapshot, entry, offer } of wanted) opened.push(await this.peek(snapshot, entry, offer));
    return opened;
  }

  async prepareLocked(): Promise<void> {
    // `openLocked` fetches each by itself.
  }

  async openLocked(source: LockedSource, id: string): Promise<FileTree> {
    if (source.kind !== "archive") throw new CodedError("E_INTERNAL", `\`${id}\` is locked to no archive`);
    return await this.#tree(source, id, {});
  }

  async close(): Promise<void> {
    // Nothing is held open.
  }

  async #tree(locked: LockedArchive, id: string, headers: Readonly<Record<string, string>>): Promise<FileTree> {
    const known = this.#trees.get(locked.sha256);
    if (known !== undefined) return known;
    const bytes =
      (await keptContent(this.#options.cache, integrityOf(locked.sha256))) ??
      (await this.#download(locked.url, id, headers));
    const got = digestOf(bytes);
    if (got !== locked.sha256) {
      throw new CodedError(
        "E_INTEGRITY",
        `the archive of \`${id}\` is not the one that was named: expected sha256 \`${locked.sha256}\`, got \`${got}\``,
        { hint: "somebody changed what was released: find out who", data: { id, expected: locked.sha256, got } },
      );
    }
    const files = pluginFilesOf(await unpacked(bytes, `the archive of \`${id}\``));
    const tree = memoryTree(
      Object.fromEntries([...files].map(([path, { bytes: text, executable }]) => [path, { text, executable }])),
    );
    this.#trees.set(locked.sha256, tree);
    return tree;
  }

  async #download(url: string, id: string, headers: Readonly<Record<string, string>>): Promise<Buffer> {
    const { cache, offline, progress, signal, checkAddress, rewrites } = this.#options;
    if (offline) {
      throw new CodedError("E_OFFLINE", `the archive of \`${id}\` is not on this machine`, {
        hint: "run it once without `--offline`",
      });
    }
    progress(`fetching ${id}`);
    const bytes = await downloadArchive(url, { headers, signal, checkAddress, rewrites });
    await keepContent(cache, url, bytes, integrityOf(digestOf(bytes)));
    return bytes;
  }
}

async function unpacked(bytes: Buffer, label: string): Promise<ReadonlyMap<string, ArchiveFile>> {
  const isTarball = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return await (isTarball ? unpackTarball(bytes, label, PLUGIN_LIMITS) : unpackZip(bytes, label, PLUGIN_LIMITS));
}

function archiveOf({ id, source }: Offer): LockedArchive {
  if (source.kind === "archive") return source;
  throw new CodedError("E_INTERNAL", `offer of \`${id}\` is no archive`);
}

function integrityOf(sha256: string): string {
  return `sha256-${Buffer.from(sha256, "hex").toString("base64")}`;
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
