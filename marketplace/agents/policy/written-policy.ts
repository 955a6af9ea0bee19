import { parseMarketplaceSource } from "../../../schemas/marketplace-source.ts";
import type { MarketplaceRule, RulePlace } from "../../../schemas/policy-rule.ts";
import type { PolicyDocument } from "../../../schemas/policy.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";

/** A JSON object as an administrator wrote it. */
export type WrittenObject = Readonly<Record<string, unknown>>;

/** One managed file, as read and as written: agents compare texts that the reader has brought into canonical form. */
export interface WrittenDocument {
  readonly document: PolicyDocument;
  readonly root: WrittenObject;
}

/** The files of one policy, the strictest of which counts. None has an invalid rule. */
export type WrittenPolicy = readonly WrittenDocument[];

/** An element of a list. */
export interface WrittenRule {
  readonly rule: MarketplaceRule;
  readonly place: RulePlace;
  readonly written: WrittenObject;
}

/** Every list of one use, each with its rules. */
export function writtenLists(policy: WrittenPolicy, use: "allow" | "block"): readonly (readonly WrittenRule[])[] {
  return policy.flatMap(({ document, root }) =>
    document[use].map(({ place, rules }) =>
      rules.map((rule) => ({
        rule: rule.value,
        place: rule.place,
        written: elementAt(root[place.key], rule.key),
      })),
    ),
  );
}

/** The source that a rule names, when it names one and no pattern. */
export function exactSource({ rule, written }: WrittenRule): MarketplaceSource | undefined {
  switch (rule.kind) {
    case "repository":
    case "package":
    case "inline":
    case "exact":
      return parseMarketplaceSource(rule.kind === "inline" ? { plugins: [], ...written } : written);
    default:
      return undefined;
  }
}

/** The members of an object; empty for what is none. */
export function objectOf(value: unknown): WrittenObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** A source without the `{"source": {…}}` around it that readers accept. */
export function unwrapped(value: unknown): WrittenObject {
  const object = objectOf(value);
  return typeof object["source"] === "object" ? unwrapped(object["source"]) : object;
}

function elementAt(list: unknown, index: number): WrittenObject {
  return unwrapped(Array.isArray(list) ? list[index] : undefined);
}
