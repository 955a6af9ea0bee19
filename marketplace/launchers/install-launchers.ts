import { type CodedError, isCodedError } from "../../schemas/errors.ts";
import { memoryTree } from "../../schemas/formats/memory-tree.ts";
import { lockedLauncherDigest } from "../../schemas/launchers/launcher-closure.ts";
import type { LockedPackages } from "../../schemas/launchers/launcher-lock.ts";
import { hostPlatform } from "../packages/host-platform.ts";
import { selectPackages } from "../packages/select-packages.ts";
import { MAX_TARBALL_BYTES, stagePackages } from "../packages/stage-packages.ts";
import type { Services } from "../services.ts";
import type { PackagedTree } from "../store/packaged-record.ts";
import type { Staging } from "../store/staging.ts";

/** How long the packages of one launcher may take to arrive. */
const TIMEOUT_MS = 120_000;

/** A launcher with its tree, in staging until that is published. */
export interface BuiltLauncher extends PackagedTree {
  readonly directory: string;
}

/**
 * Fetches the packages of locked launchers, compares each with its digest and stages a tree of them; no script of theirs is run. What
 * fails for one is its answer. Throws `E_INTERRUPTED`, and `E_IO` when the disk refuses.
 */
export async function installLaunchers(
  wanted: ReadonlyMap<string, LockedPackages>,
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
  locked: LockedPackages,
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
  return await stagePackages(
    {
      base: memoryTree({}),
      key: lockedLauncherDigest(locked),
      packages: selected,
      tarballs,
      bundled: new Set([...locked.bundling].map((path) => `${path}/node_modules`)),
    },
    { staging: staging(), signal },
  );
}
