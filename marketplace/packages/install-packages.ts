import { isCodedError } from "../../schemas/errors.ts";
import type { InstalledPackages } from "../../schemas/generation.ts";
import type { Services } from "../services.ts";
import type { Staging } from "../store/staging.ts";
import { downloadTarballs } from "./download.ts";
import type { RegistrySettings } from "./registry-settings.ts";
import { MAX_TARBALL_BYTES, packageLabel, stagePackages } from "./stage-packages.ts";
import type { UnavailablePackages, WantedPackages } from "./wanted-packages.ts";

/** How long the packages of one plugin may take to arrive. */
const TIMEOUT_MS = 60_000;

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
    packages.map(({ locked, address }) => ({ address, integrity: locked.integrity, label: packageLabel(locked) })),
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
  const { tree, count } = await stagePackages(
    {
      base: openTree(plugin.directory),
      key: plugin.tree,
      packages: packages.map(({ locked }) => locked),
      tarballs,
      bundled: lock.bundled,
    },
    { staging: staging(), signal },
  );
  return { tree, count };
}
