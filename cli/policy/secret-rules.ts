import type { RulePlace } from "../../schemas/policy.ts";
import type { SecretRules } from "../../schemas/policy-secrets.ts";

/** What a document says about where secrets lie, a line each. */
export function secretRules({
  allowed,
  chosen,
}: SecretRules): readonly { readonly says: string; readonly place: RulePlace }[] {
  return [
    ...(allowed === undefined
      ? []
      : [{ says: allowed.backends.length === 0 ? "nowhere" : allowed.backends.join(" or "), place: allowed.place }]),
    ...(chosen === undefined ? [] : [{ says: `${chosen.backend} for everybody`, place: chosen.place }]),
  ];
}
