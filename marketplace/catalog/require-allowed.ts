import { CodedError } from "../../schemas/errors.ts";
import type { PolicyAction, PolicySubject } from "../../schemas/policy.ts";
import type { CatalogsOptions } from "./catalogs-options.ts";

/** Asks policy before anything of a marketplace is fetched; a refusal is recorded. Throws `E_SOURCE_BLOCKED` naming the rule. */
export function requireAllowed(
  { decide, audit }: Pick<CatalogsOptions, "decide" | "audit">,
  subject: Extract<PolicySubject, { readonly kind: "marketplace" }>,
  action: PolicyAction,
): void {
  const decision = decide(subject, action);
  if (decision.allowed) return;
  const { rule, reason } = decision;
  const { name, identity } = subject;
  const detail = { reason, rule: rule.key, ...(name === undefined ? {} : { name }) };
  audit.append({ action: `marketplace ${action}`, subject: identity, outcome: "denied", detail });
  throw new CodedError("E_SOURCE_BLOCKED", `policy does not allow marketplace \`${identity}\`: ${reason}`, {
    hint: `ask your administrator; the rule is \`${rule.key}\``,
    where: rule.line === undefined ? rule.file : `${rule.file}:${rule.line}`,
  });
}
