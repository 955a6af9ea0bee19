import { isDigest } from "./lockfile.ts";
import { readMinimumAge } from "./policy-age-text.ts";
import type { RulePlace } from "./policy-rule.ts";
import { isVersionRange } from "./version-range.ts";

/** What one document says about a plugin, about those of a marketplace, or about all of them. */
export interface PluginRule {
  readonly place: RulePlace;
  /** As it is written: `name@market`, `*@market` or `*`. */
  readonly key: string;
  /** `required` plugins install themselves, and nobody switches them off. */
  readonly rule: "required" | "allowed" | "blocked";
  readonly isReadable: boolean;
  /** Range that its version has to lie in. */
  readonly version?: string | undefined;
  /** Digests of its tree, of which it has to have one. */
  readonly digests?: readonly string[] | undefined;
  /** Digests of closures that the administrator says yes to, as a person does with `--accept`. */
  readonly accept?: readonly string[] | undefined;
  /** How old its releases have to be, whatever the document says of others. */
  readonly minimumAgeMs?: number | undefined;
  /** In the administrator's words; always there beside `minimumAgeMs`. */
  readonly reason?: string | undefined;
}

/** What the value of a rule says. */
export type PluginRuleValue = Omit<PluginRule, "place" | "key" | "isReadable">;

const WORDS = ["required", "allowed", "blocked"] as const;
const MEMBERS: readonly string[] = ["rule", "version", "digest", "accept", "minimumReleaseAge", "reason"];
const MAX_REASON_LENGTH = 500;
/** Ranges that need no parser to be known as such; a policy may have a thousand. */
const PLAIN_RANGE = /^(?:[\^~=]|[<>]=?)?\d{1,9}(?:\.\d{1,9}){0,2}$/u;

/** Reads the value of one rule; answers a clause for a message when it is not valid. */
export function readPluginRule(raw: unknown, isWildcard: boolean): PluginRuleValue | { readonly problem: string } {
  const word = WORDS.find((one) => one === raw);
  if (word !== undefined && !(isWildcard && word === "required")) return { rule: word };
  if (typeof raw === "string") return ruleOf({ rule: raw }, isWildcard);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { problem: "must be `required`, `allowed`, `blocked` or an object" };
  const members: Readonly<Record<string, unknown>> = { ...raw };
  const unknown = Object.keys(members).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) return { problem: `has an unknown member \`${unknown}\`` };
  return ruleOf(members, isWildcard);
}

function ruleOf(
  members: Readonly<Record<string, unknown>>,
  isWildcard: boolean,
): PluginRuleValue | { readonly problem: string } {
  const rule = WORDS.find((word) => word === (members["rule"] ?? "allowed"));
  if (rule === undefined) return { problem: "must say `required`, `allowed` or `blocked`" };
  if (rule === "required" && isWildcard) return { problem: "can require one plugin only, by its name" };
  const { version, reason } = members;
  if (version !== undefined && !isRange(version)) return { problem: "needs a range such as `^1.2` as `version`" };
  if (reason !== undefined && !isReason(reason)) return { problem: "needs a text as `reason`" };
  const [digests, accept] = [digestsOf(members["digest"]), digestsOf(members["accept"])];
  if (digests === "invalid" || accept === "invalid")
    return { problem: "needs `sha256-` and 64 hexadecimal digits, or several, as `digest` and `accept`" };
  const minimumAgeMs = members["minimumReleaseAge"];
  const age = minimumAgeMs === undefined ? undefined : readMinimumAge(minimumAgeMs);
  if (minimumAgeMs !== undefined && age === undefined)
    return { problem: "needs minutes or a text such as `24h` as `minimumReleaseAge`" };
  if (age !== undefined && reason === undefined)
    return { problem: "needs a `reason` beside `minimumReleaseAge`, which people are shown" };
  return {
    rule,
    ...(isRange(version) && { version }),
    ...(digests !== undefined && { digests }),
    ...(accept !== undefined && { accept }),
    ...(age !== undefined && { minimumAgeMs: age }),
    ...(isReason(reason) && { reason }),
  };
}

function isRange(value: unknown): value is string {
  return typeof value === "string" && (PLAIN_RANGE.test(value) || isVersionRange(value));
}

function isReason(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= MAX_REASON_LENGTH;
}

function digestsOf(value: unknown): readonly string[] | undefined | "invalid" {
  if (value === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.length > 0 && list.every(isDigest) ? list : "invalid";
}
