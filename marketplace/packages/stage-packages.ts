import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "../store/member-rules.ts";
import type { PackagedTree } from "../store/packaged-record.ts";
import type { Staging } from "../store/staging.ts";
import { hostPlatform, platformName } from "./host-platform.ts";
import { packagedTree, type UnpackedPackage } from "./packaged-tree.ts";
import { unpackPackage } from "./unpack.ts";

/** Bounds of the tarballs of one tree together, and of what they unpack to. */
export const MAX_TARBALL_BYTES: number = 256 * 1024 * 1024;
const LIMITS: TreeLimits = { ...DEFAULT_TREE_LIMITS, entries: 100_000, depth: 64 };

/** What a tree with npm packages is made of. */
export interface PackagesToStage {
  /** What lies beside the packages. */
  readonly base: FileTree;
  /** The digest under which the tree is found again. */
  readonly key: Digest;
  readonly packages: readonly UnpackedPackage["locked"][];
  /** In the order of the packages. */
  readonly tarballs: readonly Uint8Array[];
  /** Folders that come inside of packages. */
  readonly bundled: ReadonlySet<string>;
}

/** Unpacks packages, stages a tree of them and records it for this platform. Throws what `unpackPackage` and `Staging.addTree` throw. */
export async function stagePackages(
  { base, key, packages, tarballs, bundled }: PackagesToStage,
  { staging, signal }: { readonly staging: Staging; readonly signal: AbortSignal },
): Promise<PackagedTree & { readonly directory: string }> {
  let left = LIMITS.totalBytes;
  const unpacked: UnpackedPackage[] = [];
  for (const [at, locked] of packages.entries()) {
    signal.throwIfAborted();
    const files = await unpackPackage(tarballs[at] ?? new Uint8Array(), packageLabel(locked), Math.max(left, 1));
    for (const { bytes } of files.values()) left -= bytes.length;
    unpacked.push({ locked, files });
  }
  const { digest, directory } = staging.addTree(packagedTree(base, unpacked, bundled), {
    limits: LIMITS,
    unlisted: true,
  });
  const packaged = { tree: digest, count: packages.length };
  staging.addPackagedTree(key, platformName(hostPlatform()), packaged);
  return { ...packaged, directory };
}

/** How messages name a package. */
export function packageLabel({ name, version }: Pick<UnpackedPackage["locked"], "name" | "version">): string {
  return `\`${name}@${version}\``;
}
