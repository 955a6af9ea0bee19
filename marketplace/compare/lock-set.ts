import { CodedError } from "../../schemas/errors.ts";
import type { LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import { treeDigest } from "../../schemas/tree-digest.ts";
import { requireFetch } from "../install/fetch-policy.ts";
import { splitId } from "../install/ids.ts";
import { leftOut } from "../install/materialize.ts";
import { recordedEntry } from "../install/recorded-entry.ts";
import { withBundles } from "../mcp-bundles/with-bundles.ts";
import type { Services } from "../services.ts";
import type { PluginSources } from "../sources/offer.ts";
import type { Store } from "../store/store.ts";
import type { PluginSet } from "./compare-sets.ts";
import type { ComparedPlugin } from "./plugin-facts.ts";
import { readCompared, storedPlugin } from "./read-compared.ts";

/** What reading the plugins of a lock needs. */
export interface LockSetOptions {
  readonly store: Store;
  readonly services: Services;
  readonly sources: PluginSources;
}

/** The plugins of a lock whose paths are absolute; what the store does not have is fetched into memory, as policy allows. */
export function lockSet(lock: Lockfile, label: string, options: LockSetOptions): PluginSet {
  const members = Object.entries(lock.plugins).map(([id, locked]) => ({
    root: "",
    id,
    version: locked.version,
    content: `${locked.tree} ${locked.manifest}`,
    open: () => openLocked(id, locked, lock, options),
  }));
  return { label, members };
}

async function openLocked(
  id: string,
  { version, source, tree, manifest, entry }: LockedPlugin,
  lock: Lockfile,
  { store, services, sources }: LockSetOptions,
): Promise<ComparedPlugin> {
  const { openTree, signal } = services;
  if (store.has(tree) && typeof store.findManifest(manifest) === "object")
    return storedPlugin(store, { id, tree, manifest }, openTree);
  const read = { source, entry: entry === undefined ? undefined : recordedEntry(entry) };
  if (store.has(tree)) return readCompared(id, openTree(store.directory(tree)), read, signal);
  const market = lock.marketplaces[splitId(id).market];
  requireFetch(services, { id, version, market, source });
  services.progress(`fetching ${id} ${version}`);
  await sources.prepareLocked([source]);
  const opened = await sources.openLocked(source, id);
  const whole = await withBundles(
    { id, version, tree: opened, entry: read.entry, market, locked: tree, ...leftOut(source) },
    services,
  );
  const fetched = readCompared(id, whole.tree, read, signal);
  const got = treeDigest(fetched.members);
  if (got === tree) return fetched;
  throw new CodedError("E_INTEGRITY", `the files of \`${id}\` ${version} are not what the lock names`, {
    hint: "what was released under that version was changed, or the folder was",
    data: { id, expected: tree, got },
  });
}
