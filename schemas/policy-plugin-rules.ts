import { isDigest } from "./digest.ts";
import { readMinimumAge } from "./policy-age-text.ts";
import type { Placed } from "./policy-text.ts";
import { isVersionRange } from "./version-range.ts";

/** What one document says about a plugin, about those of a marketplace, or about all of them; its key is `name@market`, `*@market` or `*`. */
export type PluginRule = Placed<string, PluginRuleValue>;

/** What the value of a rule says. */
export interface PluginRuleValue {
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

/** What counts where a rule cannot be read. */
export const UNREADABLE_RULE: PluginRuleValue = { rule: "blocked", isReadable: false };

const WORDS: ReadonlyMap<unknown, PluginRuleValue> = new Map(
  (["required", "allowed", "blocked"] as const).map((rule) => [rule, { rule, isReadable: true }]),
);
type Members = Partial<Record<"rule" | "version" | "digest" | "accept" | "minimumReleaseAge" | "reason", unknown>>;
const MEMBERS: readonly string[] = [
  "rule",
  "version",
  "digest",
  "accept",
  "minimumReleaseAge",
  "reason",
] satisfies (keyof Members)[];
const MAX_REASON_LENGTH = 500;
/** Ranges that need no parser to be known as such; a policy may have a thousand. */
const PLAIN_RANGE = /^(?:[\^~=]|[<>]=?)?\d{1,9}(?:\.\d{1,9}){0,2}$/u;

/** Reads the value of one rule; answers a clause for a message when it is not valid. */
export function readPluginRule(raw: unknown, isWildcard: boolean): PluginRuleValue | { readonly problem: string } {
  const word = WORDS.get(raw);
  if (word !== undefined && !(isWildcard && word.rule === "required")) return word;
  if (typeof raw === "string") return ruleOf({ rule: raw }, isWildcard);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw))
    return { problem: "must be `required`, `allowed`, `blocked` or an object" };
  for (const key of Object.keys(raw))
    if (!MEMBERS.includes(key)) return { problem: `has an unknown member \`${key}\`` };
  return ruleOf(raw, isWildcard);
}

function ruleOf(members: Readonly<Members>, isWildcard: boolean): PluginRuleValue | { readonly problem: string } {
  const word = WORDS.get(members.rule ?? "allowed");
  if (word === undefined) return { problem: "must say `required`, `allowed` or `blocked`" };
  const { rule } = word;
  if (rule === "required" && isWildcard) return { problem: "can require one plugin only, by its name" };
  const { version, reason } = members;
  if (version !== undefined && !isRange(version)) return { problem: "needs a range such as `^1.2` as `version`" };
  if (reason !== undefined && !isReason(reason)) return { problem: "needs a text as `reason`" };
  const digests = digestsOf(members.digest);
  const accept = digestsOf(members.accept);
  if (digests === "invalid" || accept === "invalid")
    return { problem: "needs `sha256-` and 64 hexadecimal digits, or several, as `digest` and `accept`" };
  const minimumAgeMs = members.minimumReleaseAge;
  const age = minimumAgeMs === undefined ? undefined : readMinimumAge(minimumAgeMs);
  if (minimumAgeMs !== undefined && age === undefined)
    return { problem: "needs minutes or a text such as `24h` as `minimumReleaseAge`" };
  if (age !== undefined && reason === undefined)
    return { problem: "needs a `reason` beside `minimumReleaseAge`, which people are shown" };
  return { rule, isReadable: true, version, digests, accept, minimumAgeMs: age, reason };
}

function isRange(value: unknown): value is string {
  return typeof value === "string" && (PLAIN_RANGE.test(value) || isVersionRange(value));
}

function isReason(value: unknown): value is string {
  return typeof value === "string" && value.trim() !== "" && value.length <= MAX_REASON_LENGTH;
}

function digestsOf(value: unknown): readonly string[] | undefined | "invalid" {
  if (value === undefined) return undefined;
  if (isDigest(value)) return [value];
  return Array.isArray(value) && value.length > 0 && value.every(isDigest) ? value : "invalid";
}
