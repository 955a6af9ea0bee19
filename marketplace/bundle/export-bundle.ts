import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import type { Digest, Lockfile } from "../../schemas/lockfile.ts";
import { readPackageLock } from "../../schemas/packages/read-package-lock.ts";
import { type Intent, writeIntent } from "../../schemas/plugins-json.ts";
import { writeLockfile } from "../../schemas/lockfile.ts";
import { archive, type ArchiveFile } from "../archives/write-tarball.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { LOCAL_MARKET, splitId } from "../install/ids.ts";
import type { RootState } from "../install/root-state.ts";
import { portableLock, portableSource } from "../lock/portable-paths.ts";
import { launcherKey } from "../../schemas/launchers/launcher-lock.ts";
import { lockedImages } from "../launchers/locked-images.ts";
import { lockableCalls } from "../launchers/lock-launchers.ts";
import { downloadTarballs } from "../packages/download.ts";
import { hostPlatform } from "../packages/host-platform.ts";
import { packageAddress } from "../packages/package-address.ts";
import { personalRegistrySettings } from "../packages/registry-settings.ts";
import { selectPackages } from "../packages/select-packages.ts";
import { reachable } from "../plan/graph.ts";
import type { Services } from "../services.ts";
import { readTreeMembers } from "../store/disk-tree.ts";
import { ioError } from "../../schemas/system-error.ts";
import { storedTree } from "../store/stored-tree.ts";
import type { Store } from "../store/store.ts";
import { catalogText } from "./catalog-text.ts";
import { BUNDLE, bundleIndexText, packageFile } from "./layout.ts";

/** What is written into a bundle. */
export interface ExportedBundle {
  readonly bytes: Uint8Array;
  /** Sorted. */
  readonly plugins: readonly string[];
  readonly marketplaces: readonly string[];
  /** How many npm packages are in it. */
  readonly packages: number;
  /** Container images that commands start, with their digests, sorted: none of their bytes are in it. */
  readonly images: readonly string[];
  /** Ids that are folders of this machine and stay here. */
  readonly leftOut: readonly string[];
}

/** What exporting needs. */
export interface ExportOptions {
  readonly services: Services;
  readonly catalogs: Catalogs;
  readonly store: Store;
}

const PACKAGES_TIMEOUT_MS = 120_000;
const MAX_PACKAGE_BYTES = 256 * 1024 * 1024;

/**
 * Puts the plugins of a root, or those that are named with what they need, into one archive that a machine without a network can
 * install from: lock, files by digest, tarballs of npm packages by digest, and the catalogs. Equal for equal locks.
 * Throws `E_NOT_INSTALLED`, `E_STATE_CORRUPT`, and what fetching packages throws.
 */
export async function exportBundle(
  { shared, base }: RootState,
  ids: readonly string[],
  { services, catalogs, store }: ExportOptions,
): Promise<ExportedBundle> {
  const { lock: whole, leftOut } = chosenLock(shared.lock.value, ids);
  const lock = withOwnLaunchers(whole, store);
  const plugins = Object.keys(lock.plugins).sort();
  if (plugins.length === 0)
    throw new CodedError("E_NOT_INSTALLED", "there is nothing to put into a bundle", {
      hint: "add plugins first; `--scope` chooses another root",
    });
  const intent = chosenIntent(shared.intent.value, lock, ids);
  const files = new Map<string, ArchiveFile>();
  const put = (path: string, content: string | Uint8Array, executable = false): void => {
    files.set(path, { path, bytes: Buffer.from(content), executable });
  };
  const links: Record<string, Record<string, string>> = {};
  for (const { tree } of Object.values(lock.plugins)) links[tree] = putTree(tree, store, put);
  const packages = await putPackages(lock, { services, store }, put);
  const revisions: Record<string, string> = {};
  for (const name of Object.keys(lock.marketplaces)) {
    if (!catalogs.has(name)) continue;
    const { catalog, market } = await catalogs.get(name);
    revisions[name] = market.revision;
    put(`${BUNDLE.catalogs}/${name}.json`, catalogText(catalog));
  }
  put(BUNDLE.index, bundleIndexText({ catalogs: revisions, links: withoutEmpty(links) }));
  const portable = Object.entries(intent.marketplaces).map(([name, source]) => [name, portableSource(source, base)]);
  put(BUNDLE.intent, writeIntent({ ...intent, marketplaces: Object.fromEntries(portable) }));
  put(BUNDLE.lock, writeLockfile(portableLock(lock, base)));
  services.progress("writing the bundle");
  const bytes = await archive([...files.values()], { compressed: false });
  return {
    bytes,
    plugins,
    marketplaces: Object.keys(lock.marketplaces).sort(),
    packages,
    images: imagesOf(lock, store),
    leftOut,
  };
}

function chosenLock(lock: Lockfile, ids: readonly string[]): { readonly lock: Lockfile; readonly leftOut: string[] } {
  const nodes = new Map(Object.entries(lock.plugins).map(([id, plugin]) => [id, { id, ...plugin }]));
  const missing = ids.find((id) => !nodes.has(id));
  if (missing !== undefined)
    throw new CodedError("E_NOT_INSTALLED", `\`${missing}\` is not in the lock of this root`, {
      hint: "private picks and plugins of another scope are in no bundle; `--scope` chooses another root",
    });
  const wanted = ids.length === 0 ? new Set(nodes.keys()) : reachable(nodes, ids);
  const leftOut = [...wanted].filter((id) => splitId(id).market === LOCAL_MARKET).sort();
  const kept = Object.entries(lock.plugins).filter(([id]) => wanted.has(id) && !leftOut.includes(id));
  const used = new Set(kept.map(([id]) => splitId(id).market));
  const marketplaces = Object.fromEntries(Object.entries(lock.marketplaces).filter(([name]) => used.has(name)));
  return { lock: { ...lock, marketplaces, plugins: Object.fromEntries(kept) }, leftOut };
}

/** Without the launchers of plugins that were left out. */
function withOwnLaunchers({ launchers: all = {}, ...lock }: Lockfile, store: Store): Lockfile {
  const keys = new Set(
    Object.values(lock.plugins).flatMap(({ manifest }) =>
      lockableCalls({ manifest: store.readManifest(manifest) }).map((call) => launcherKey(call)),
    ),
  );
  const launchers = Object.fromEntries(Object.entries(all).filter(([key]) => keys.has(key)));
  return Object.keys(launchers).length === 0 ? lock : { ...lock, launchers };
}

function imagesOf({ plugins, launchers = {} }: Lockfile, store: Store): readonly string[] {
  const manifests = Object.values(plugins).map(({ manifest }) => store.readManifest(manifest));
  return [...new Set(manifests.flatMap((manifest) => lockedImages(manifest, launchers).map((one) => one.text)))].sort();
}

/** What of an intent asks for the chosen plugins; one that was named and only needed by others is asked for by itself. */
function chosenIntent(intent: Intent, lock: Lockfile, ids: readonly string[]): Intent {
  const isKept = (id: string): boolean => lock.plugins[id] !== undefined && (ids.length === 0 || ids.includes(id));
  const pick = <T>(map: Readonly<Record<string, T>>, keep: (key: string) => boolean): Readonly<Record<string, T>> =>
    Object.fromEntries(Object.entries(map).filter(([key]) => keep(key)));
  const named = ids.filter((id) => intent.plugins[id] === undefined).map((id) => [id, { range: "*", enabled: true }]);
  const sources = Object.entries(lock.marketplaces).map(([name, { source }]) => [
    name,
    intent.marketplaces[name] ?? source,
  ]);
  return {
    schema: 1,
    marketplaces: Object.fromEntries(sources),
    plugins: { ...pick(intent.plugins, isKept), ...Object.fromEntries(named) },
    overrides: pick(intent.overrides, (id) => lock.plugins[id] !== undefined),
    disabledComponents: pick(intent.disabledComponents, isKept),
  };
}

/** Adds the files of a tree, after every byte was compared with its digest; returns its links. */
function putTree(
  tree: Digest,
  store: Store,
  put: (path: string, content: Uint8Array, executable: boolean) => void,
): Record<string, string> {
  const directory = store.directory(tree);
  if (!store.has(tree) || !store.verify(tree).ok)
    throw new CodedError("E_STATE_CORRUPT", `the tree \`${tree}\` is missing or damaged`, {
      where: directory,
      hint: "run `plugin sync` to fetch it again",
    });
  const links: Record<string, string> = {};
  for (const member of readTreeMembers(directory).members) {
    if (member.kind === "link") links[member.path] = member.target;
    else put(`${BUNDLE.trees}/${tree}/${member.path}`, bytesOf(join(directory, member.path)), member.executable);
  }
  return links;
}

function bytesOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (error) {
    throw ioError("read", file, error);
  }
}

/** Adds the tarballs of the npm packages that plugins lock for this platform, from the cache or else the network. */
async function putPackages(
  lock: Lockfile,
  { services, store }: Pick<ExportOptions, "services" | "store">,
  put: (path: string, content: Uint8Array) => void,
): Promise<number> {
  const { openTree, environment, home, offline, signal, progress, rewrites } = services;
  const wanted = Object.values(lock.plugins).flatMap(({ tree }) => {
    const reading = readPackageLock(storedTree(store.directory(tree), openTree));
    return reading?.kind === "locked" ? selectPackages(reading.lock, hostPlatform()) : [];
  });
  const started = await putLauncherPackages(lock, services, put);
  if (wanted.length === 0) return started;
  const settings = personalRegistrySettings(environment);
  const packages = [...new Map(wanted.map((one) => [one.integrity, one])).values()];
  const requests = packages.map((one) => ({
    address: rewrites.web(packageAddress(one, settings)),
    integrity: one.integrity,
    label: `\`${one.name}@${one.version}\``,
  }));
  const tarballs = await downloadTarballs(requests, {
    options: settings.options,
    cache: home.packageCache,
    offline,
    signal,
    timeoutMs: PACKAGES_TIMEOUT_MS,
    maxBytes: MAX_PACKAGE_BYTES,
    progress: (done) => progress(`fetching npm packages: ${done} of ${requests.length}`),
  });
  for (const [at, { integrity }] of requests.entries()) put(packageFile(integrity), tarballs[at] ?? new Uint8Array());
  return requests.length + started;
}

/** Adds the tarballs of what the commands of plugins start on this platform. */
async function putLauncherPackages(
  { launchers = {} }: Lockfile,
  { packages, progress }: Services,
  put: (path: string, content: Uint8Array) => void,
): Promise<number> {
  const wanted = Object.values(launchers).flatMap((locked) =>
    "image" in locked
      ? []
      : selectPackages({ file: "plugins.lock", packages: locked.packages, bundled: locked.bundling }, hostPlatform()),
  );
  const pinned = [...new Map(wanted.map((one) => [one.integrity, one])).values()].map(
    ({ name, version, integrity }) => ({
      kind: "npm" as const,
      package: name,
      version,
      integrity,
    }),
  );
  const tarballs = await packages.tarballs(pinned, {
    timeoutMs: PACKAGES_TIMEOUT_MS,
    maxBytes: MAX_PACKAGE_BYTES,
    progress: (done) => progress(`fetching npm packages: ${done} of ${pinned.length}`),
  });
  for (const [at, { integrity }] of pinned.entries()) put(packageFile(integrity), tarballs[at] ?? new Uint8Array());
  return pinned.length;
}

function withoutEmpty(links: Readonly<Record<string, Record<string, string>>>): Record<string, Record<string, string>> {
  return Object.fromEntries(Object.entries(links).filter(([, own]) => Object.keys(own).length > 0));
}
