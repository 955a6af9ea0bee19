import type { ErrorCode } from "../../schemas/errors.ts";

/** Where a fact was written. `line` and `column` count from 1. */
export interface FactLocation {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** Why something may not be chosen. */
export type CauseKind =
  "missing" | "yanked" | "policy" | "engine" | "cross-marketplace" | "invalid-range" | "frozen" | "source" | "other";

/** A reason that explanations print: `notice` completes "… because", `hint` is the next action. */
export interface Cause {
  readonly kind: CauseKind;
  readonly notice: string;
  readonly hint?: string | undefined;
  /** The error code that the reason would have as an error of its own. */
  readonly code?: ErrorCode | undefined;
  readonly where?: FactLocation | undefined;
}

/** One version of a package that exists, selectable or not. */
export interface Candidate {
  /** A semantic version, or any non-empty text when `unversioned`. */
  readonly version: string;
  /** The version has no order and no range but `*` admits it; a text that is not a semantic version is treated so as well. */
  readonly unversioned?: boolean | undefined;
  /** Withdrawn, with the reason: chosen only when the root pins it exactly or the lock holds it. */
  readonly yanked?: string | undefined;
  /** Advised against: chosen when no other version fits. */
  readonly deprecated?: boolean | undefined;
  /** Never chosen, with the reason. */
  readonly blocked?: Cause | undefined;
}

/** "This needs `id` in `range`", and where that is written. */
export interface Requirement {
  readonly id: string;
  readonly range: string;
  readonly where?: FactLocation | undefined;
  /** The edge itself is not allowed, whatever the version. */
  readonly refused?: Cause | undefined;
}

/**
 * What the solver knows of the world. Plain values are used at once, promises are awaited; neither is asked for twice.
 * Answers must not change during one run.
 */
export interface VersionProvider {
  /** Every version of a package, in any order; empty when there is none. */
  versions(id: string): readonly Candidate[] | Promise<readonly Candidate[]>;
  /** What one version needs, in any order. */
  requirements(id: string, version: string): readonly Requirement[] | Promise<readonly Requirement[]>;
  /** Why a package has no version at all; asked after `versions` was empty. */
  absence?(id: string): Cause | undefined;
  /** `requirements` where the answer costs nothing; lets one learned fact cover many versions and makes explanations short. */
  knownRequirements?(id: string, version: string): readonly Requirement[] | undefined;
  /** Told the ids that were newly met, sorted, before any of them is listed: the moment to list repositories in one go. */
  prefetch?(ids: readonly string[]): void | Promise<void>;
}
