import { basename } from "node:path";
import { CodedError } from "../../schemas/errors.ts";
import { runTree, type Generation, type GenerationPlugin } from "../../schemas/generation.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { launcherKey, readLauncherRecords } from "../../schemas/launchers/launcher-lock.ts";
import { launcherProgram } from "../../schemas/launchers/start-locked.ts";
import type { Digest, Lockfile } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { readPackageLock } from "../../schemas/packages/read-package-lock.ts";
import { isRecord } from "../../schemas/record.ts";
import { lockableCalls } from "../launchers/lock-launchers.ts";
import { lockedImages, type StartedImage } from "../launchers/locked-images.ts";
import type { Services } from "../services.ts";
import { storedTree } from "../store/stored-tree.ts";
import type { Store } from "../store/store.ts";

/** One npm package that a plugin locks. */
export interface InventoryPackage extends Pick<LockedPackage, "name" | "version" | "integrity" | "optional"> {
  /** As its own `package.json` says it; known only where the packages are installed. */
  readonly license?: string | undefined;
}

/** One plugin with everything of others that comes with it. */
export interface InventoryPlugin {
  readonly plugin: GenerationPlugin;
  readonly manifest: PluginManifest;
  /** For every platform, each once. */
  readonly packages: readonly InventoryPackage[];
  /** Container images of its commands, each once, sorted. */
  readonly images: readonly StartedImage[];
}

/** What a root holds, as a bill of materials lists it. */
export interface Inventory {
  /** Name of the project's folder, or `user`. */
  readonly name: string;
  /** Digest of the lock that the root was made from; `""` when it has none. */
  readonly lockDigest: string;
  /** Sorted by id. */
  readonly plugins: readonly InventoryPlugin[];
}

/** Reads what a root of a generation holds. Throws `E_NOT_INSTALLED` when that is nothing, and `E_STATE_CORRUPT`. */
export function readInventory(
  generation: Generation | undefined,
  root: string,
  store: Store,
  { openTree }: Pick<Services, "openTree">,
  launchers: Lockfile["launchers"],
): Inventory {
  const closure = generation?.roots[root];
  if (closure === undefined || closure.plugins.length === 0) {
    throw new CodedError("E_NOT_INSTALLED", `nothing is installed ${root === "user" ? "for you" : `in \`${root}\``}`, {
      hint: "`--scope user` or `--scope project` chooses another root",
    });
  }
  return {
    name: root === "user" ? "user" : basename(root),
    lockDigest: closure.lockDigest,
    plugins: closure.plugins.map((plugin) => {
      const manifest = store.readManifest(plugin.manifest);
      const started = startedBy(plugin, manifest, launchers ?? {}, (tree) =>
        store.has(tree) ? storedTree(store.directory(tree), openTree) : undefined,
      );
      const locked = { ...readLauncherRecords(plugin.lockedLaunchers ?? {}), ...launchers };
      const images = new Map(lockedImages(manifest, locked).map((one) => [one.text, one]));
      return {
        plugin,
        manifest,
        images: [...images.values()].toSorted(byText),
        packages: each([...packagesOf(plugin, store, openTree), ...started]),
      };
    }),
  };
}

/** What the commands of a plugin are locked to. */
function startedBy(
  { launchers: installed = {}, lockedLaunchers = {} }: GenerationPlugin,
  manifest: PluginManifest,
  shared: NonNullable<Lockfile["launchers"]>,
  openStored: (tree: Digest) => FileTree | undefined,
): readonly InventoryPackage[] {
  const launchers = { ...readLauncherRecords(lockedLaunchers), ...shared };
  return lockableCalls({ manifest }).flatMap((call) => {
    const here = installed[launcherProgram(call)];
    const folder = here === undefined || !("tree" in here) ? undefined : openStored(here.tree);
    const locked = launchers[launcherKey(call)];
    return (locked === undefined || "image" in locked ? [] : locked.packages).map(
      ({ path, name, version, integrity, optional }) => {
        const text = folder?.read(`${path}/package.json`);
        const license = text === undefined ? undefined : licenseIn(text);
        return { name, version, integrity, optional, ...(license === undefined ? {} : { license }) };
      },
    );
  });
}

const byText = ({ text: left }: StartedImage, { text: right }: StartedImage): number => (left < right ? -1 : 1);

/** Each package once, sorted; one that anything needs is not optional. */
function each(all: readonly InventoryPackage[]): readonly InventoryPackage[] {
  const packages = new Map<string, InventoryPackage>();
  for (const one of all) {
    const key = `${one.name}@${one.version} ${one.integrity}`;
    const optional = one.optional && packages.get(key)?.optional !== false;
    packages.set(key, { ...packages.get(key), ...one, optional });
  }
  return [...packages].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, one]) => one);
}

function packagesOf(
  plugin: GenerationPlugin,
  store: Store,
  openTree: Services["openTree"],
): readonly InventoryPackage[] {
  if (plugin.packages === undefined || !store.has(plugin.tree)) return [];
  const reading = readPackageLock(storedTree(store.directory(plugin.tree), openTree));
  if (reading?.kind !== "locked") return [];
  const run = runTree(plugin);
  const installed = run === plugin.tree || !store.has(run) ? undefined : storedTree(store.directory(run), openTree);
  return reading.lock.packages.map(({ path, name, version, integrity, optional }) => {
    const text = installed?.read(`${path}/package.json`);
    const license = text === undefined ? undefined : licenseIn(text);
    return { name, version, integrity, optional, ...(license === undefined ? {} : { license }) };
  });
}

/** What a foreign `package.json` says, as far as it can be understood. */
function licenseIn(bytes: Uint8Array): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    const license = isRecord(value) ? value["license"] : undefined;
    return typeof license === "string" && license !== "" ? license : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
