import type { Scope } from "../marketplace/plan/plan.ts";

/** The flags of every verb, read. */
export interface GlobalOptions {
  readonly json: boolean;
  /** `undefined` leaves the choice to the verb. */
  readonly scope: Scope | undefined;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly accept: readonly string[];
  readonly offline: boolean;
  readonly verbose: boolean;
}
