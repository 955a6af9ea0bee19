import { ageText } from "../../schemas/policy-age-text.ts";
import type { PluginRule } from "../../schemas/policy-plugin-rules.ts";

/** What a rule of `plugins` says, without whom it says it of. */
export function ruleText({ value }: PluginRule): string {
  const { rule, isReadable, version, digests, accept, minimumAgeMs, reason } = value;
  if (!isReadable) return "closed";
  const parts = [
    rule,
    ...(version === undefined ? [] : [`version ${version}`]),
    ...(digests === undefined ? [] : [`files ${digests.join(" or ")}`]),
    ...(accept === undefined ? [] : [`consent to ${accept.join(" or ")}`]),
    ...(minimumAgeMs === undefined ? [] : [`releases from ${ageText(minimumAgeMs)} on`]),
  ];
  return `${parts.join(", ")}${reason === undefined ? "" : `: ${reason}`}`;
}
