import { type MarketplaceRule, readRule, type RulePlace, type RuleUse } from "./policy-rule.ts";
import { Placed, type PolicyText } from "./policy-text.ts";

/** An allow or block list of one document. */
export interface PolicyList {
  readonly place: RulePlace;
  /** The list, or a rule in a block list, could not be read: it then admits nothing. */
  readonly closed: boolean;
  /** By their index in the list. */
  readonly rules: readonly Placed<number, MarketplaceRule>[];
}

/** Reads one list of sources; none where the document does not have it. */
export function readPolicyList(key: string, raw: unknown, use: RuleUse, document: PolicyText): readonly PolicyList[] {
  if (raw === undefined) return [];
  const place = document.place([key]);
  if (!Array.isArray(raw)) {
    document.invalid([key], `\`${key}\` must be a list, so it admits nothing`);
    return [{ place, closed: true, rules: [] }];
  }
  const rules: Placed<number, MarketplaceRule>[] = [];
  let closed = false;
  for (const [index, item] of raw.entries()) {
    const rule = readRule(item, use);
    if ("problem" in rule) {
      const effect = use === "allow" ? "it matches nothing" : "the list blocks everything";
      document.invalid([key, index], `rule ${index} of \`${key}\` ${rule.problem}; ${effect}`);
      if (use === "block") closed = true;
    } else rules.push(new Placed(document, key, index, rule));
  }
  return [{ place, closed, rules }];
}
