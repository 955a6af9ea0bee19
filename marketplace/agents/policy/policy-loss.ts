import type { RulePlace } from "../../../schemas/policy.ts";

/** Something of a policy that an agent's managed file says otherwise or not at all. */
export interface PolicyLoss {
  /** The key of the policy, e.g. `blockedMarketplaces.0`. */
  readonly key: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  /** `weaker`: the agent does not enforce it. `stricter`: the agent refuses more than the policy does. */
  readonly effect: "weaker" | "stricter";
  readonly reason: string;
  /** What an administrator can do about it. */
  readonly hint?: string | undefined;
}

/** What one key of a policy comes to in one agent's file. */
export interface Compiled {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly losses: readonly PolicyLoss[];
}

/** Nothing to write and nothing to tell. */
export const NOTHING: Compiled = { settings: {}, losses: [] };

/** Something that an agent does not enforce. */
export function weaker(place: RulePlace, reason: string, hint: string): PolicyLoss {
  return { ...place, effect: "weaker", reason, hint };
}

/** Something that an agent refuses although the policy admits it. */
export function stricter(place: RulePlace, reason: string, hint?: string): PolicyLoss {
  return { ...place, effect: "stricter", reason, ...(hint === undefined ? {} : { hint }) };
}
