import type { RulePlace } from "./policy-rule.ts";

/** A managed document while it is read: where its rules stand, and what in them is not valid. */
export interface PolicyText {
  place(path: readonly (string | number)[]): RulePlace;
  /** Reports what is not valid; whoever reads a key also closes it. */
  invalid(path: readonly (string | number)[], message: string): void;
}
