import { isCodedError, CodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedPackage, PackageLock } from "../../schemas/packages/package-lock.ts";
import { readPackageLock } from "../../schemas/packages/read-package-lock.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import type { PlanPackages } from "../plan/plan.ts";
import type { Services } from "../services.ts";
import { storedTree } from "../store/stored-tree.ts";
import { hostPlatform } from "./host-platform.ts";
import { packageAddress } from "./package-address.ts";
import type { RegistrySettings } from "./registry-settings.ts";
import { selectPackages } from "./select-packages.ts";

/** A plugin whose npm packages have to be fetched, and what of its lock this machine gets. */
export interface WantedPackages {
  readonly plugin: InspectedPlugin;
  readonly lock: PackageLock;
  readonly packages: readonly { readonly locked: LockedPackage; readonly address: string }[];
}

/** A plugin whose packages cannot be fetched, known before anything is. */
export interface UnavailablePackages {
  readonly plugin: InspectedPlugin;
  readonly problem: CodedError;
}

/** Whether a plugin lacks packages that a verb gets: it is on, and it arrives, was named, or all are gone through. */
export function lacksPackages(
  next: GenerationPlugin,
  inspected: InspectedPlugin | undefined,
  { old, isAsked }: { readonly old: GenerationPlugin | undefined; readonly isAsked: boolean },
): boolean {
  if (!next.enabled || next.packages === undefined || "tree" in next.packages) return false;
  if (inspected?.packages === undefined || "problem" in inspected.packages) return false;
  return (
    isAsked ||
    old === undefined ||
    !old.enabled ||
    old.tree !== next.tree ||
    old.packages === undefined ||
    "tree" in old.packages
  );
}

/** Reads what has to be fetched for a plugin, and from where; nothing is fetched. */
export function wantedPackages(
  plugin: InspectedPlugin,
  settings: () => RegistrySettings,
  { openTree, rewrites }: Pick<Services, "openTree" | "rewrites">,
): WantedPackages | UnavailablePackages {
  try {
    const reading = readPackageLock(storedTree(plugin.directory, openTree));
    if (reading?.kind !== "locked") {
      throw new CodedError("E_INTEGRITY", "its lock file is not the one that was inspected", {
        hint: "run `plugin sync` to fetch the plugin again",
      });
    }
    const { lock } = reading;
    const packages = selectPackages(lock, hostPlatform()).map((locked) => ({
      locked,
      address: rewrites.web(packageAddress(locked, settings())),
    }));
    return { plugin, lock, packages };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return { plugin, problem: error };
  }
}

/** What a plan says about packages that have to be fetched. */
export function plannedPackages(wanted: readonly (WantedPackages | UnavailablePackages)[]): readonly PlanPackages[] {
  return wanted.flatMap((one) => {
    if ("problem" in one) return [];
    const hosts = new Set(one.packages.map(({ address }) => new URL(address).host));
    const scripts = one.packages.flatMap(({ locked }) => (locked.hasInstallScript ? [locked.name] : []));
    return [
      {
        id: one.plugin.id,
        count: one.packages.length,
        hosts: [...hosts].sort(),
        scripts: [...new Set(scripts)].sort(),
      },
    ];
  });
}
