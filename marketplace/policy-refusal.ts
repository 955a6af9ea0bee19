import { CodedError } from "../schemas/errors.ts";
import type { RulePlace } from "../schemas/policy.ts";

/** The `E_SOURCE_BLOCKED` of a rule, with its place. */
export function policyRefusal({ key, file, line }: RulePlace, message: string): CodedError {
  return new CodedError("E_SOURCE_BLOCKED", message, {
    where: line === undefined ? file : `${file}:${line}`,
    hint: `ask your administrator about the rule \`${key}\``,
  });
}
