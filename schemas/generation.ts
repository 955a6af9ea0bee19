import type { ImageDigest } from "./launchers/image-reference.ts";
import type { LockedTools } from "./locked-tools.ts";
import type { Digest, LockedSource } from "./lockfile.ts";
import type { PluginFormat } from "./plugin-manifest.ts";

/** The npm packages that a plugin locks, as this machine has them. */
export type InstalledPackages =
  /** `tree`: the files of the plugin with `node_modules`, which depend on the platform and are in no lock. */
  { readonly tree: Digest; readonly count: number } | { readonly problem: string; readonly hint?: string | undefined };

/** What one command of a plugin downloads and starts, as this machine has it. */
export type InstalledLauncher =
  | {
      /** The tree that holds `node_modules` with everything it needs. */
      readonly tree: Digest;
      /** Path of the program in that tree. */
      readonly program: string;
      /** Whether it is a script for Node; otherwise it is started as it is. */
      readonly node: boolean;
      /** `name@version` of each package that the command names. */
      readonly packages: readonly string[];
      readonly count: number;
    }
  /** A container image, which the container engine keeps: nothing of it is in the store. */
  | { readonly image: ImageDigest }
  | {
      readonly problem: string;
      readonly hint?: string | undefined;
      /** Whether it is locked all the same: then nothing is started in its place. */
      readonly locked: boolean;
    };

/** A plugin as this machine runs it in one root. */
export interface GenerationPlugin {
  readonly id: string;
  readonly version: string;
  readonly tree: Digest;
  readonly manifest: Digest;
  readonly format: PluginFormat;
  readonly source: LockedSource;
  readonly enabled: boolean;
  /** Named by the person, not only needed by another plugin. */
  readonly requested: boolean;
  /** A `local` pick lives in the generation only, never in the lock. */
  readonly scope: "user" | "project" | "local";
  readonly disabledComponents: readonly string[];
  /** Required id → range. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** `READER_VERSION` of the Plugsmith that made `manifest`, 1 when absent; of `local` picks alone, as `entry`. */
  readonly reader?: number | undefined;
  /** The catalog entry that applied, as written; of `local` picks alone, for the others the lock has it. */
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
  /** Closure digest the person said yes to; `""` when nothing can execute. */
  readonly consent: string;
  /** Counts of contributions by kind, e.g. `{"skill": 3}`. */
  readonly provides: Readonly<Record<string, number>>;
  /** Always-on token estimate. */
  readonly tokens: number;
  /** Its own npm packages: in the tree that is run, or why they are not there; absent when it locks none. */
  readonly packages?: InstalledPackages | undefined;
  /** What its commands download and start, by `launcherProgram`; absent when they start nothing of the kind that can be locked. */
  readonly launchers?: Readonly<Record<string, InstalledLauncher>> | undefined;
  /** What these are locked to; of `local` picks alone, as `entry`. */
  readonly lockedLaunchers?: Readonly<Record<string, unknown>> | undefined;
  /** What tools of its MCP servers are locked to, as the lock has it; absent for none. */
  readonly tools?: LockedTools | undefined;
  /** Size of the tree in bytes. */
  readonly bytes: number;
  readonly installedAt: string;
}

/** The closure of one root: `user` or the real path of a project. */
export interface RootClosure {
  /** Digest of the lock file's text this closure was made from; `""` when the root has no lock. */
  readonly lockDigest: string;
  /** Sorted by id. */
  readonly plugins: readonly GenerationPlugin[];
  /** Files of the root that Plugsmith made, so that they go when they say nothing any more; absent for none. */
  readonly made?: readonly RootFileName[] | undefined;
}

/** A file of a root, by its role. */
export type RootFileName = "intent" | "lock" | "local";

/** What this machine runs: numbered, kept, switchable. Root key: `user` or a project's real path. */
export interface Generation {
  readonly schema: 1;
  readonly number: number;
  readonly parent: number;
  readonly createdAt: string;
  /** The verb that made it, for people, e.g. `add fmt@acme`. */
  readonly verb: string;
  /** The root that the verb changed. */
  readonly root: string;
  readonly roots: Readonly<Record<string, RootClosure>>;
  /** Head hashes of the audit segments at commit. */
  readonly audit: readonly string[];
}

/** The tree that a plugin is run from: the one with its npm packages where there is one. */
export function runTree({ tree, packages }: Pick<GenerationPlugin, "tree" | "packages">): Digest {
  return packages !== undefined && "tree" in packages ? packages.tree : tree;
}

/** The trees that the commands of a plugin are started from. */
export function launcherTrees({ launchers = {} }: Pick<GenerationPlugin, "launchers">): readonly Digest[] {
  return Object.values(launchers).flatMap((launcher) => ("tree" in launcher ? [launcher.tree] : []));
}

/** What the commands of a plugin start, as a text that is another one when any of it is locked to something else. */
export function launcherRevision({ launchers = {} }: Pick<GenerationPlugin, "launchers">): string {
  const started = Object.entries(launchers).map(([program, launcher]) => {
    const what = "tree" in launcher ? launcher.tree : "image" in launcher ? launcher.image : launcher.problem;
    return ` ${program} ${what}`;
  });
  return started.join("");
}

/** Every tree that a plugin needs: its own, the one that it is run from, and those of its commands. */
export function treesOf(plugin: Pick<GenerationPlugin, "tree" | "packages" | "launchers">): readonly Digest[] {
  return [...new Set([plugin.tree, runTree(plugin), ...launcherTrees(plugin)])];
}
