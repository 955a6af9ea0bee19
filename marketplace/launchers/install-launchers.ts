import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import { memoryTree } from "../../schemas/formats/memory-tree.ts";
import { lockedLauncherDigest } from "../../schemas/launchers/launcher-closure.ts";
import type { LockedLauncher } from "../../schemas/launchers/launcher-lock.ts";
import { hostPlatform, platformName } from "../packages/host-platform.ts";
import { packagedTree, type UnpackedPackage } from "../packages/packaged-tree.ts";
import { selectPackages } from "../packages/select-packages.ts";
import { unpackPackage } from "../packages/unpack.ts";
import type { Services } from "../services.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "../store/member-rules.ts";
import type { PackagedTree } from "../store/packaged-record.ts";
import type { Staging } from "../store/staging.ts";

/** Bounds of what one launcher fetches and unpacks. */
const TIMEOUT_MS = 120_000;
const MAX_TARBALL_BYTES = 256 * 1024 * 1024;
const LIMITS: TreeLimits = { ...DEFAULT_TREE_LIMITS, entries: 100_000, depth: 64 };

/** A launcher with its tree, in staging until that is published. */
export interface BuiltLauncher extends PackagedTree {
  readonly directory: string;
}

/**
 * Fetches the packages of locked launchers, compares each with its digest and stages a tree of them; no script of theirs is run. What
 * fails for one is its answer. Throws `E_INTERRUPTED`, and `E_IO` when the disk refuses.
 */
export async function installLaunchers(
  wanted: ReadonlyMap<string, LockedLauncher>,
  options: { readonly services: Services; readonly staging: () => Staging },
): Promise<ReadonlyMap<string, BuiltLauncher | CodedError>> {
  const built = new Map<string, BuiltLauncher | CodedError>();
  for (const [key, locked] of wanted) {
    const { audit } = options.services;
    try {
      const one = await installOne(key, locked, options);
      built.set(key, one);
      audit.append({ action: "fetch-packages", subject: key, outcome: "done", detail: { count: one.count } });
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED" || error.code === "E_IO") throw error;
      built.set(key, error);
      audit.append({ action: "fetch-packages", subject: key, outcome: "failed", detail: { code: error.code } });
    }
  }
  return built;
}

async function installOne(
  key: string,
  locked: LockedLauncher,
  { services, staging }: { readonly services: Services; readonly staging: () => Staging },
): Promise<BuiltLauncher> {
  const { signal, progress, packages: registries } = services;
  const selected = selectPackages(
    { file: "plugins.lock", packages: locked.packages, bundled: locked.bundling },
    hostPlatform(),
  );
  const show = (done: number): void => progress(`fetching \`${key}\`: ${String(done)} of ${String(selected.length)}`);
  show(0);
  const pinned = selected.map(({ name, version, integrity }) => ({
    kind: "npm" as const,
    package: name,
    version,
    integrity,
  }));
  const tarballs = await registries.tarballs(pinned, {
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_TARBALL_BYTES,
    progress: show,
  });
  progress(`unpacking \`${key}\``);
  let left = LIMITS.totalBytes;
  const unpacked: UnpackedPackage[] = [];
  for (const [at, one] of selected.entries()) {
    signal.throwIfAborted();
    const files = await unpackPackage(
      tarballs[at] ?? new Uint8Array(),
      `\`${one.name}@${one.version}\``,
      Math.max(left, 1),
    );
    for (const { bytes } of files.values()) left -= bytes.length;
    unpacked.push({ locked: one, files });
  }
  const bundled = new Set([...locked.bundling].map((path) => `${path}/node_modules`));
  const staged = staging().addTree(packagedTree(memoryTree({}), unpacked, bundled), { limits: LIMITS, unlisted: true });
  const packaged = { tree: staged.digest, count: selected.length };
  staging().addPackagedTree(lockedLauncherDigest(locked), platformName(hostPlatform()), packaged);
  return { ...packaged, directory: staged.directory };
}
