import { CodedError } from "../../schemas/errors.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { READER_VERSION } from "../../schemas/formats/reader-version.ts";
import type { Digest, LockedPlugin, LockedSource } from "../../schemas/lockfile.ts";
import type { CatalogEntry, Provenance } from "../../schemas/plugin-manifest.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import type { Services } from "../services.ts";
import { scanPlugin } from "../scan/scan-plugin.ts";
import { toldOnce } from "../scan/told-once.ts";
import { checkOwner } from "../sources/local.ts";
import type { PluginSources } from "../sources/offer.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";
import { seededTree } from "../store/seeds.ts";
import type { Staging } from "../store/staging.ts";
import type { Store } from "../store/store.ts";
import { entryToRecord, recordedEntry, relocated } from "./recorded-entry.ts";
import { requireFetch } from "./fetch-policy.ts";
import { splitId } from "./ids.ts";
import { inspect } from "./inspect.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { inspectionText, readInspection } from "./inspection-record.ts";
import { withBundles } from "../mcp-bundles/with-bundles.ts";
import type { MarketOrigin } from "./market-origin.ts";
import { isMarketplaceRoot } from "./plugin-versions.ts";
import type { Selected } from "./selected.ts";

/** What fetching needs. */
export interface MaterializeOptions {
  readonly services: Services;
  readonly sources: PluginSources;
  readonly store: Store;
  readonly staging: () => Staging;
  /** Whether every byte of a tree that the store holds is compared, so that a damaged one is fetched again. */
  readonly thorough: boolean;
  /** Whether the lock must stay as it is, so that every manifest must be the one that it names. */
  readonly frozen: boolean;
  readonly marketOf: (id: string) => MarketOrigin | undefined;
  /** Plugins whose source a lock alone names. */
  readonly unlisted: ReadonlySet<string>;
}

/**
 * Fetches what the store lacks into private staging, verifies it against the lock, and reads it; nothing is executed.
 * Throws `E_SOURCE_BLOCKED` before a fetch, `E_INTEGRITY` for other bytes than the locked ones, `E_MANIFEST` for an unreadable plugin.
 */
export async function materialize(
  selections: ReadonlyMap<string, Selected>,
  options: MaterializeOptions,
): Promise<ReadonlyMap<string, InspectedPlugin>> {
  const plugins = new Map<string, InspectedPlugin>();
  const missing: Selected[] = [];
  for (const selected of selections.values()) {
    const stored = selected.kind === "locked" ? fromStore(selected, options) : undefined;
    if (stored === undefined) missing.push(selected);
    else plugins.set(selected.id, stored);
  }
  for (const selected of missing) checkFetch(selected, options);
  const fetched = await fetchTrees(missing, options);
  for (const one of fetched) {
    options.services.signal.throwIfAborted();
    plugins.set(one.selected.id, await stageOne(one, options));
  }
  return plugins;
}

type LockedSelected = Extract<Selected, { kind: "locked" }>;

function fromStore(selected: LockedSelected, options: MaterializeOptions): InspectedPlugin | undefined {
  const { locked, id, version } = selected;
  const { store, thorough } = options;
  if (!store.has(locked.tree)) return undefined;
  const manifest = store.findManifest(locked.manifest);
  if (manifest === undefined || manifest === "damaged") return undefined;
  if (thorough && (store.members(locked.tree) === undefined || !store.verify(locked.tree).ok)) return undefined;
  const record = readInspection(store, locked.tree, locked.manifest);
  if (record === undefined || record.entryDigest !== digestOfEntry(locked.entry)) return undefined;
  return {
    ...record,
    manifest,
    id,
    version,
    source: locked.source,
    tree: locked.tree,
    manifestDigest: locked.manifest,
    reader: locked.reader ?? 1,
    directory: store.directory(locked.tree),
    existed: true,
    dependencies: locked.dependencies,
    entry: locked.entry,
    executables: record.executables.map((executable) => ({ ...executable, id })),
  };
}

function isIndexed(tree: Digest, digest: Digest, store: Store): boolean {
  const manifest = store.findManifest(digest);
  return manifest !== undefined && manifest !== "damaged" && store.members(tree) !== undefined;
}

function checkFetch(selected: Selected, { services, marketOf, unlisted }: MaterializeOptions): void {
  const { id, version } = selected;
  const source = selected.kind === "locked" ? selected.locked.source : selected.choice.offer.source;
  requireFetch(services, { id, version, market: marketOf(id), source, listed: !unlisted.has(id) });
}

interface Fetched {
  readonly selected: Selected;
  readonly tree: FileTree;
  readonly entry: CatalogEntry | undefined;
  /** Where the entry stands in its catalog, when it was read from there. */
  readonly written?: Provenance;
  readonly source: LockedSource;
}

async function fetchTrees(
  missing: readonly Selected[],
  { services, sources, store }: MaterializeOptions,
): Promise<readonly Fetched[]> {
  if (missing.length === 0) return [];
  services.progress(`fetching ${missing.length === 1 ? (missing[0]?.id ?? "") : `${missing.length} plugins`}`);
  const fetched: Fetched[] = [];
  const offered: { readonly selected: Selected; readonly wanted: Parameters<PluginSources["open"]>[0][number] }[] = [];
  // A tree that is here, but was inspected by an older Plugsmith or not at all, needs no network.
  const here = new Map<Digest, FileTree>();
  for (const selected of missing) {
    if (selected.kind !== "locked") continue;
    const { tree: digest } = selected.locked;
    const isStored = store.has(digest) && store.verify(digest).ok;
    const tree = isStored ? services.openTree(store.directory(digest)) : seededTree(digest, services);
    if (tree !== undefined) here.set(digest, tree);
  }
  await sources.prepareLocked(
    missing.flatMap((selected) =>
      selected.kind === "locked" && !here.has(selected.locked.tree) ? [selected.locked.source] : [],
    ),
  );
  for (const selected of missing) {
    if (selected.kind === "locked") {
      const { tree: digest, source } = selected.locked;
      const tree = here.get(digest) ?? (await sources.openLocked(source, selected.id));
      const entry = selected.locked.entry === undefined ? undefined : recordedEntry(selected.locked.entry);
      fetched.push({ selected, tree, entry, source: selected.locked.source });
      continue;
    }
    const { snapshot, entry, offer } = selected.choice;
    if (snapshot !== undefined && entry !== undefined) offered.push({ selected, wanted: { snapshot, entry, offer } });
    else if (offer.source.kind === "directory") {
      checkOwner(offer.source.path);
      fetched.push({ selected, tree: services.openTree(offer.source.path), entry: undefined, source: offer.source });
    }
  }
  const opened = await sources.open(offered.map(({ wanted }) => wanted));
  for (const [index, { selected }] of offered.entries()) {
    const one = opened[index];
    if (one !== undefined)
      fetched.push({
        selected,
        tree: one.tree,
        entry: recordedEntry(entryToRecord(one.entry)),
        written: one.entry.where,
        source: one.offer.source,
      });
  }
  return fetched;
}

async function stageOne(
  { selected, tree, entry, written, source }: Fetched,
  options: MaterializeOptions,
): Promise<InspectedPlugin> {
  const staging = options.staging();
  const locked = selected.kind === "locked" ? selected.locked : undefined;
  const whole = await withBundles(
    {
      id: selected.id,
      version: selected.version,
      tree,
      entry,
      market: options.marketOf(selected.id),
      listed: !options.unlisted.has(selected.id),
      locked: locked?.tree,
      ...leftOut(source),
    },
    options.services,
  );
  const staged = staging.addTree(whole.tree, leftOut(source));
  if (locked !== undefined) checkDigest(selected.id, locked.tree, staged.digest, source);
  const { name } = splitId(selected.id);
  const content = staged.content ?? options.services.openTree(staged.directory);
  const read = readPlugin(content, {
    fallbackName: name,
    ...(entry === undefined ? {} : { entry, rootIsMarketplace: isMarketplaceRoot(entry) }),
  });
  const { manifest } = read;
  const findings = [...read.diagnostics, ...whole.findings].map((finding) => relocated(finding, written));
  if (manifest === undefined) throw unreadable(selected.id, findings);
  const manifestDigest = staging.addManifest(manifest);
  if (selected.kind === "locked") checkManifest(selected, manifestDigest, options);
  const inspected = inspect(selected.id, manifest, staged.members, content);
  const record = {
    ...inspected,
    bytes: staged.bytes,
    diagnostics: toldOnce([
      ...staged.diagnostics,
      ...findings,
      ...refusedPackages(inspected),
      ...scanPlugin(manifest, staged.members, content).filter(({ severity }) => severity !== "info"),
    ]),
    entryDigest: digestOfEntry(entry?.raw),
  };
  staging.addInspection(staged.digest, manifestDigest, inspectionText(record));
  return {
    ...record,
    manifest,
    id: selected.id,
    version: selected.version,
    source,
    tree: staged.digest,
    manifestDigest,
    reader: locked?.manifest === manifestDigest ? (locked.reader ?? 1) : READER_VERSION,
    directory: staged.directory,
    existed: staged.existed && isIndexed(staged.digest, manifestDigest, options.store),
    dependencies: selected.kind === "locked" ? selected.locked.dependencies : selected.dependencies,
    entry: entry?.raw,
  };
}

/** What of a source is not part of its plugin: the repository that a local checkout lies in. */
export function leftOut(source: LockedSource): { readonly skip?: (path: string) => boolean } {
  return source.kind === "directory" || source.kind === "command" ? { skip: (path) => path === ".git" } : {};
}

function refusedPackages({ packages }: Pick<InspectedPlugin, "packages">): readonly Diagnostic[] {
  return packages !== undefined && "problem" in packages ? [packages.problem] : [];
}

function checkDigest(id: string, expected: Digest, got: Digest, source: LockedSource): void {
  if (expected === got) return;
  const isLocal = source.kind === "directory";
  throw new CodedError(
    "E_INTEGRITY",
    `the files of \`${id}\` are not what the lock names: expected \`${expected}\`, got \`${got}\``,
    {
      hint: isLocal
        ? `its folder changed since it was locked: \`plugin update ${id}\` takes the new content`
        : `somebody changed what was released: look at it, then \`plugin update ${id}\` takes the new content`,
      data: { id, expected, got },
      ...(isLocal ? { where: source.path } : {}),
    },
  );
}

/** The manifest is what was read of files and entry, and all three are pinned; only another reader may find something else. */
function checkManifest({ id, locked }: LockedSelected, got: Digest, { frozen, services }: MaterializeOptions): void {
  if (locked.manifest === got) return;
  const reader = locked.reader ?? 1;
  if (!frozen && reader !== READER_VERSION) {
    services.remark(`\`${id}\` is read otherwise by this Plugsmith than by the one that locked it`);
    return;
  }
  const data = { id, expected: locked.manifest, got };
  if (reader !== READER_VERSION) {
    const hint = "run `plugin sync` without `--frozen` and commit the new lock";
    throw new CodedError("E_INTEGRITY", `\`${id}\` was locked by a Plugsmith that reads it otherwise`, { hint, data });
  }
  throw new CodedError(
    "E_INTEGRITY",
    `the files and the entry of \`${id}\` in the lock do not make the manifest it names`,
    {
      hint: `somebody edited the lock: take back what they wrote, or take \`${id}\` out of it and run \`plugin sync\``,
      data,
    },
  );
}

function digestOfEntry(entry: LockedPlugin["entry"]): string {
  return entry === undefined ? "" : digestOf(canonicalJson(entry));
}

function unreadable(
  id: string,
  diagnostics: readonly {
    readonly severity: string;
    readonly message: string;
    readonly file?: string | undefined;
    readonly line?: number | undefined;
    readonly hint?: string | undefined;
  }[],
): CodedError {
  const first = diagnostics.find((diagnostic) => diagnostic.severity === "error") ?? diagnostics[0];
  const owner = first?.file?.endsWith("marketplace.json") === true ? "" : `${id}/`;
  const place =
    first?.file === undefined ? id : `${owner}${first.file}${first.line === undefined ? "" : `:${first.line}`}`;
  return new CodedError("E_MANIFEST", `\`${id}\` cannot be loaded: ${first?.message ?? "it holds no plugin"}`, {
    where: place,
    hint: first?.hint ?? "its author must mend it; `plugin validate` shows every finding",
    data: { id, diagnostics },
  });
}
