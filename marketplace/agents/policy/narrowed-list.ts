import { isDeepStrictEqual } from "node:util";
import type { MarketplaceRule } from "../../../schemas/policy-rule.ts";
import { stripAnchors } from "../../../schemas/policy-pattern.ts";
import { matches } from "../../../schemas/policy-match.ts";
import { marketSubject } from "../../../schemas/policy-source.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";
import { type PolicyLoss, stricter } from "./policy-loss.ts";
import { exactSource, writtenLists, type WrittenPolicy, type WrittenRule } from "./written-policy.ts";

/** One allow list that admits nothing which the policy does not. */
export interface NarrowedList {
  /** `undefined` when no list restricts anything. */
  readonly rules: readonly WrittenRule[] | undefined;
  /** Rules that were left out because they would admit too much. */
  readonly losses: readonly PolicyLoss[];
}

/**
 * The allow lists of a policy without what its block lists refuse, as one list: agents read one, most read no block list, and
 * those that do compare texts, so that another spelling passes.
 */
export function narrowedList(policy: WrittenPolicy): NarrowedList {
  const lists = writtenLists(policy, "allow");
  if (lists.length === 0) return { rules: undefined, losses: [] };
  const blocks = writtenLists(policy, "block").flat();
  const losses: PolicyLoss[] = [];
  const rules: WrittenRule[] = [];
  for (const [index, list] of lists.entries()) {
    const others = lists.filter((_, other) => other !== index);
    for (const candidate of list) {
      const block = blocks.find((one) => meet(candidate, one));
      if (block !== undefined) losses.push(stricter(candidate.place, overlap(block), ONE_BY_ONE));
      else if (!others.every((other) => other.some((rule) => contains(rule, candidate)))) {
        // What others admit of it they name themselves, unless that reaches beyond it.
        const parts = others.flatMap((other) => other.filter((rule) => meet(rule, candidate)));
        if (parts.every((rule) => contains(candidate, rule))) continue;
        losses.push(stricter(candidate.place, "another list admits a part of it only", ONE_BY_ONE));
      } else if (!rules.some(({ written }) => isDeepStrictEqual(written, candidate.written))) rules.push(candidate);
    }
  }
  return { rules, losses };
}

const ONE_BY_ONE = "list the sources that are admitted one by one";

function overlap({ place }: WrittenRule): string {
  return `\`${place.key}\` blocks it or a part of it, and the agent cannot except that`;
}

/** Whether one rule admits everything that another one does. */
function contains(outer: WrittenRule, inner: WrittenRule): boolean {
  const source = exactSource(inner);
  if (source !== undefined) return matches(outer.rule, marketSubject(source), "allow");
  if (outer.rule.kind === "host" && inner.rule.kind === "owner") return outer.rule.pattern.matches("github.com");
  return isSamePattern(outer.rule, inner.rule);
}

function isSamePattern(left: MarketplaceRule, right: MarketplaceRule): boolean {
  if (left.kind === "owner") return right.kind === "owner" && left.prefix === right.prefix;
  if (left.kind !== "host" && left.kind !== "path") return false;
  return right.kind === left.kind && left.pattern.text === right.pattern.text;
}

/** Whether some source may match both rules; when that cannot be told, yes. */
function meet(left: WrittenRule, right: WrittenRule): boolean {
  const [one, other] = [exactSource(left), exactSource(right)];
  if (one !== undefined) return touches(right.rule, one);
  if (other !== undefined) return touches(left.rule, other);
  if (left.rule.kind === "nothing" || right.rule.kind === "nothing") return false;
  if (left.rule.kind === right.rule.kind) return patternsMeet(left.rule, right.rule);
  if (left.rule.kind === "owner" && right.rule.kind === "host") return right.rule.pattern.matches("github.com");
  return left.rule.kind === "host" && right.rule.kind === "owner" && left.rule.pattern.matches("github.com");
}

/** As a block list matches, whatever ref and path the rule names: another ref of it is admitted where none is written. */
function touches(rule: MarketplaceRule, source: MarketplaceSource): boolean {
  return matches(
    rule.kind === "repository" ? { ...rule, ref: undefined, path: undefined } : rule,
    marketSubject(source),
    "block",
  );
}

function patternsMeet(left: MarketplaceRule, right: MarketplaceRule): boolean {
  if (left.kind === "owner") return right.kind === "owner" && left.prefix === right.prefix;
  if ((left.kind !== "host" && left.kind !== "path") || left.kind !== right.kind) return false;
  const [one, other] = [literal(left.pattern.text), literal(right.pattern.text)];
  if (one !== undefined) return right.pattern.matches(one);
  return other === undefined || left.pattern.matches(other);
}

/** The one text that a pattern means, when it means one. */
function literal(pattern: string): string | undefined {
  const text = stripAnchors(pattern);
  const plain = text.replaceAll(/\\([^A-Za-z0-9])/gu, "");
  return /[\\.*+?()[\]{}|^$]/u.test(plain) ? undefined : text.replaceAll(/\\([^A-Za-z0-9])/gu, "$1");
}
