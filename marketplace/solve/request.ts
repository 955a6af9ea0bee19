import type { Explanation } from "./explanation.ts";
import type { Limits } from "./limits.ts";
import type { Requirement } from "./provider.ts";
import type { SolveMode } from "./listing.ts";

/** What is asked of the solver. */
export interface SolveRequest {
  /** What people wrote: one requirement for each range, in any order. */
  readonly root: readonly Requirement[];
  /** Package → version of the lock; kept where it is still allowed. */
  readonly locked?: ReadonlyMap<string, string> | undefined;
  /** Package → version that this machine has; comes after the lock and before the mode. */
  readonly installed?: ReadonlyMap<string, string> | undefined;
  readonly mode: SolveMode;
  /**
   * Whether a bare `*` means "no opinion": then it admits pre-releases too, and they come after every release.
   * Otherwise `*` means what node-semver says.
   */
  readonly starAdmitsAll?: boolean | undefined;
  /** Package → range that replaces every range on it and adds it to the root. */
  readonly overrides?: ReadonlyMap<string, string> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<Limits> | undefined;
}

/** How much work an answer was. */
export interface SolveStats {
  /** Decisions and deductions. */
  readonly steps: number;
  readonly conflicts: number;
  /** Packages that were listed. */
  readonly listed: number;
}

/** An answer, or why there is none. */
export type SolveOutcome =
  | {
      readonly kind: "solution";
      /** Package → version, sorted by id: exactly what the root reaches. */
      readonly versions: ReadonlyMap<string, string>;
      /** Groups of packages that need each other, each sorted; to be installed as a unit. */
      readonly cycles: readonly (readonly string[])[];
      readonly stats: SolveStats;
    }
  | { readonly kind: "unsatisfiable"; readonly explanation: Explanation; readonly stats: SolveStats };
