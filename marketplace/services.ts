import type { Diagnostic } from "../schemas/diagnostic.ts";
import type { FileTree } from "../schemas/formats/file-tree.ts";
import type { PluginManifest } from "../schemas/plugin-manifest.ts";
import type { Decide } from "../schemas/policy.ts";
import type { Home } from "./home.ts";
import type { ConsentItem } from "./plan/plan.ts";

/** Tells a watching person what is going on; `undefined` clears the line. */
export type Progress = (message: string | undefined) => void;

/** One line of the audit log. */
export interface AuditRecord {
  readonly action: string;
  readonly subject: string;
  readonly outcome: "allowed" | "denied" | "done" | "failed";
  readonly detail?: Readonly<Record<string, unknown>> | undefined;
}

/** A plugin that is about to be committed, as core would load it. */
export interface LoadCandidate {
  readonly id: string;
  readonly manifest: PluginManifest;
  readonly tree: FileTree;
  /** Absolute path of the tree. */
  readonly directory: string;
}

/** A person's earlier and present answers about what may execute (DESIGN §5.3). */
export interface Consent {
  /** Whether this closure digest of this plugin identity was accepted before. */
  has(id: string, closure: string): boolean;
  /** The closure digest that was accepted last for this id, for the diff; `undefined` when none. */
  last(id: string): string | undefined;
  /**
   * Asks for everything that is not yet accepted in one question. Resolves to `refused` for a no;
   * throws `E_TRUST` when nobody can be asked, with the `--accept` line as hint.
   */
  ask(items: readonly ConsentItem[]): Promise<"granted" | "refused">;
  /** Records accepted digests; called inside the commit. */
  record(items: readonly ConsentItem[]): void;
}

/** What the composition root hands to every marketplace verb. */
export interface Services {
  readonly home: Home;
  readonly openTree: (directory: string) => FileTree;
  readonly decide: Decide;
  readonly consent: Consent;
  readonly audit: {
    append(record: AuditRecord): void;
    /** Hashes of the newest record of each segment. */
    heads(): readonly string[];
  };
  /** Runs `work` while holding the home's exclusive mutex. Throws `E_LOCKED` after its deadline. */
  readonly exclusively: <T>(work: () => Promise<T> | T) => Promise<T>;
  readonly checkLoad: (candidates: readonly LoadCandidate[]) => readonly (readonly Diagnostic[])[];
  readonly progress: Progress;
  /** Tells the person something that went wrong without making the verb fail. */
  readonly remark: (message: string) => void;
  readonly offline: boolean;
  readonly now: () => Date;
  readonly signal: AbortSignal;
}
