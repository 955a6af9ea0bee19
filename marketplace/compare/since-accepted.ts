import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { isDigest } from "../../schemas/lockfile.ts";
import { readPackageLock } from "../../schemas/packages/read-package-lock.ts";
import type { LockedPackage } from "../../schemas/packages/package-lock.ts";
import { launcherKey, type LockedLauncher } from "../../schemas/launchers/launcher-lock.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { coveredMembers, lockedPackages } from "../install/inspect.ts";
import { lockableCalls } from "../launchers/lock-launchers.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { Store } from "../store/store.ts";
import { comparePlugins } from "./compare-plugins.ts";
import type { Change, FileDifference, FilePatch, SinceAccepted } from "./difference.ts";
import { NO_TEXTS, type TextOf } from "./file-differences.ts";
import type { ComparedPlugin } from "./plugin-facts.ts";
import { inspectedPlugin, textsOf } from "./read-compared.ts";
import { filePatch } from "./text-lines.ts";

/** What was accepted of a plugin. */
export interface Accepted {
  readonly tree: string;
  readonly manifest?: string | undefined;
}

/** What comparing with earlier consents draws on. */
export interface SinceAcceptedOptions {
  readonly store: Store;
  readonly openTree: (directory: string) => FileTree;
  /** What launchers were locked to before this verb, by `launcherKey`, and are after it. */
  readonly before: Readonly<Record<string, LockedLauncher>>;
  readonly after: ReadonlyMap<string, LockedLauncher>;
}

/** More text of changes is not put together in one plan. */
const MAX_PATCHED_LENGTH = 4_000_000;

/** Compares plugins with what was accepted of them; nothing for a tree of which not even the list of files is known any more. */
export function sinceAccepted({
  store,
  openTree,
  before,
  after,
}: SinceAcceptedOptions): (accepted: Accepted, plugin: InspectedPlugin) => SinceAccepted | undefined {
  let length = 0;
  const patchOf = (file: FileDifference, old: TextOf, next: TextOf): FilePatch => {
    const text = length > MAX_PATCHED_LENGTH ? undefined : filePatch(file.path, file, old, next);
    length += text?.length ?? 0;
    return { path: file.path, ...(text === undefined ? {} : { text }) };
  };
  return ({ tree, manifest }, plugin) => {
    const members = isDigest(tree) ? store.members(tree) : undefined;
    if (members === undefined || !isDigest(tree)) return undefined;
    const then = store.has(tree) ? openTree(store.directory(tree)) : undefined;
    const read = isDigest(manifest) ? store.findManifest(manifest) : undefined;
    const old: ComparedPlugin = {
      id: plugin.id,
      manifest: read === "damaged" ? undefined : read,
      members,
      textOf: then === undefined ? NO_TEXTS : textsOf(then),
      packages: then === undefined ? undefined : lockedPackages(then),
    };
    const now = inspectedPlugin(plugin, openTree);
    const { files, hosts, executables, capabilities } = comparePlugins(old, now);
    const here = openTree(plugin.directory);
    const started = {
      before: packagesStarted(old.manifest ?? plugin.manifest, (key) => before[key]),
      after: packagesStarted(plugin.manifest, (key) => after.get(key)),
    };
    return {
      files,
      patches: shownFiles(files, coveredMembers(plugin.manifest, now.members, here)).map((file) =>
        patchOf(file, old.textOf, now.textOf),
      ),
      ...(then === undefined ? {} : { hosts }),
      ...(old.manifest === undefined ? {} : { executables, capabilities }),
      packages: packageChange(
        [...(then === undefined ? [] : packagesLocked(then)), ...started.before],
        [...(then === undefined ? [] : packagesLocked(here)), ...started.after],
      ),
    };
  };
}

/** Files that are new or changed and that consent covers: programs first, then by path. */
function shownFiles(files: readonly FileDifference[], covered: readonly TreeMember[]): readonly FileDifference[] {
  const paths = new Set(covered.map(({ path }) => path));
  const rank = ({ program }: FileDifference): number => (program === true ? 0 : 1);
  return files
    .filter(({ change, path }) => change !== "removed" && paths.has(path))
    .toSorted((left, right) => rank(left) - rank(right));
}

/** What of a package, or of a container image, is compared. */
type Started = Pick<LockedPackage, "name" | "version" | "integrity">;

function packagesLocked(tree: FileTree): readonly LockedPackage[] {
  const reading = readPackageLock(tree);
  return reading?.kind === "locked" ? reading.lock.packages : [];
}

function packagesStarted(
  manifest: PluginManifest,
  lockedTo: (key: string) => LockedLauncher | undefined,
): readonly Started[] {
  return lockableCalls({ manifest }).flatMap((call): readonly Started[] => {
    const locked = lockedTo(launcherKey(call));
    if (locked === undefined || "packages" in locked) return locked?.packages ?? [];
    return call.kind === "image"
      ? [{ name: `${call.image.host}/${call.image.repository}`, version: locked.image, integrity: locked.image }]
      : [];
  });
}

/** Packages by name and version; one with the same of both and other bytes says so. */
function packageChange(before: readonly Started[], after: readonly Started[]): Change<string> {
  const name = (one: Started): string => `${one.name}@${one.version}`;
  const [old, next] = [before, after].map((packages) => new Map(packages.map((one) => [name(one), one.integrity])));
  const only = (some: ReadonlyMap<string, string> | undefined, others: ReadonlyMap<string, string> | undefined) =>
    [...(some ?? [])].filter(([key]) => others?.has(key) !== true).map(([key]) => key);
  const other = [...(next ?? [])].filter(([key, integrity]) => (old?.get(key) ?? integrity) !== integrity);
  return {
    added: [...only(next, old), ...other.map(([key]) => `${key}, with other bytes`)].sort(),
    removed: only(old, next).sort(),
  };
}
