import type { FileTree } from "../schemas/formats/file-tree.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";

/** One line of the audit log. */
export interface AuditRecord {
  readonly action: string;
  readonly subject: string;
  readonly outcome: "allowed" | "denied" | "done" | "failed";
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** Where audit records go. */
export interface Audit {
  append(record: AuditRecord): void;
  /** Hashes of the newest record of each segment, this process's own one first. */
  heads(): readonly string[];
}

/** A plugin that is about to be committed, as core would load it. */
export interface LoadCandidate {
  readonly id: string;
  readonly manifest: PluginManifest;
  readonly tree: FileTree;
  /** Absolute path of the tree. */
  readonly directory: string;
  /** Ids that its dependencies were resolved to; absent: those that the manifest names. */
  readonly needs?: readonly string[] | undefined;
}

/** One plugin closure that a person said yes to. */
export interface AcceptedClosure {
  readonly id: string;
  readonly version: string;
  readonly closure: string;
  /** Digest of the plugin's tree, to show later what changed since. */
  readonly tree?: string | undefined;
  /** Digest of its canonical manifest, likewise. */
  readonly manifest?: string | undefined;
}

/** Runs `work` while this process alone holds the home. Throws `E_LOCKED` after its deadline. */
export type Exclusively = <T>(work: () => T | Promise<T>) => Promise<T>;
