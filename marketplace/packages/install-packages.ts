import { isCodedError } from "../../schemas/errors.ts";
import type { InstalledPackages } from "../../schemas/generation.ts";
import type { Services } from "../services.ts";
import type { Staging } from "../store/staging.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "../store/member-rules.ts";
import { downloadTarballs } from "./download.ts";
import { hostPlatform, platformName } from "./host-platform.ts";
import { packagedTree, type UnpackedPackage } from "./packaged-tree.ts";
import type { RegistrySettings } from "./registry-settings.ts";
import { unpackPackage } from "./unpack.ts";
import type { UnavailablePackages, WantedPackages } from "./wanted-packages.ts";

/** How long the packages of one plugin may take to arrive. */
const TIMEOUT_MS = 60_000;
/** Bounds of the tarballs of one plugin together, and of what they unpack to. */
const MAX_TARBALL_BYTES = 256 * 1024 * 1024;
const LIMITS: TreeLimits = { ...DEFAULT_TREE_LIMITS, entries: 100_000, depth: 64 };

/** What installing packages needs. */
export interface InstallPackagesOptions {
  readonly services: Services;
  readonly settings: () => RegistrySettings;
  readonly staging: () => Staging;
}

/**
 * Fetches the packages of plugins, compares each with its digest and stages a tree of plugin and packages; no script of theirs is run.
 * What fails for one plugin is its answer and hinders no other. Throws `E_INTERRUPTED`, and `E_IO` when the disk refuses.
 */
export async function installPackages(
  wanted: readonly (WantedPackages | UnavailablePackages)[],
  options: InstallPackagesOptions,
): Promise<ReadonlyMap<string, InstalledPackages>> {
  const installed = new Map<string, InstalledPackages>();
  for (const one of wanted) {
    const { id } = one.plugin;
    const { audit } = options.services;
    try {
      if ("problem" in one) throw one.problem;
      installed.set(id, await installOne(one, options));
      audit.append({ action: "fetch-packages", subject: id, outcome: "done", detail: { count: one.packages.length } });
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED" || error.code === "E_IO") throw error;
      const { code, message, hint } = error;
      installed.set(id, { problem: message, ...(hint === undefined ? {} : { hint }) });
      audit.append({ action: "fetch-packages", subject: id, outcome: "failed", detail: { code } });
    }
  }
  return installed;
}

async function installOne(
  { plugin, lock, packages }: WantedPackages,
  { services, settings, staging }: InstallPackagesOptions,
): Promise<InstalledPackages> {
  const { home, signal, offline, progress, openTree } = services;
  const total = packages.length;
  const show = (done: number): void => progress(`fetching npm packages of ${plugin.id}: ${done} of ${total}`);
  show(0);
  const tarballs = await downloadTarballs(
    packages.map(({ locked, address }) => ({ address, integrity: locked.integrity, label: labelOf(locked) })),
    {
      options: settings().options,
      cache: home.packageCache,
      offline,
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_TARBALL_BYTES,
      progress: show,
    },
  );
  progress(`unpacking npm packages of ${plugin.id}`);
  let left = LIMITS.totalBytes;
  const unpacked: UnpackedPackage[] = [];
  for (const [at, { locked }] of packages.entries()) {
    signal.throwIfAborted();
    const files = await unpackPackage(tarballs[at] ?? new Uint8Array(), labelOf(locked), Math.max(left, 1));
    for (const { bytes } of files.values()) left -= bytes.length;
    unpacked.push({ locked, files });
  }
  const tree = packagedTree(openTree(plugin.directory), unpacked, lock.bundled);
  const staged = staging().addTree(tree, { limits: LIMITS, unlisted: true });
  const packaged = { tree: staged.digest, count: total };
  staging().addPackagedTree(plugin.tree, platformName(hostPlatform()), packaged);
  return packaged;
}

function labelOf({ name, version }: WantedPackages["packages"][number]["locked"]): string {
  return `\`${name}@${version}\``;
}
