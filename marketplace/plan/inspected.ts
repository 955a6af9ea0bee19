import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Digest, LockedSource } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { PlanExecutable } from "./plan.ts";

/** A fetched, verified and read plugin that nothing has run yet. */
export interface InspectedPlugin {
  readonly id: string;
  readonly version: string;
  readonly source: LockedSource;
  readonly tree: Digest;
  readonly manifestDigest: Digest;
  /** `READER_VERSION` of the Plugsmith that made the manifest. */
  readonly reader: number;
  readonly manifest: PluginManifest;
  /** Where the tree can be read now: staging or store. */
  readonly directory: string;
  readonly bytes: number;
  /** Whether the store held the tree and the manifest before, whole. */
  readonly existed: boolean;
  /** Required id → range. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The catalog entry that applied, as written. */
  readonly entry?: Readonly<Record<string, unknown>> | undefined;
  /** `""` when nothing can execute. */
  readonly closure: string;
  readonly executables: readonly PlanExecutable[];
  readonly provides: Readonly<Record<string, number>>;
  /** Always-on token estimate. */
  readonly tokens: number;
  readonly diagnostics: readonly Diagnostic[];
  /** The npm packages that it locks, or why they cannot be followed; absent when it locks none. */
  readonly packages?: LockedPackages | undefined;
}

/** What the lock file of a plugin says. */
export type LockedPackages = { readonly file: string; readonly count: number } | { readonly problem: Diagnostic };
