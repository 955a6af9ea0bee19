import type { PolicySubject } from "../../schemas/policy.ts";
import { policyRefusal } from "../policy-refusal.ts";
import type { Services } from "../services.ts";

/** Asks policy whether the bytes of a plugin may be taken from where they lie. Throws `E_SOURCE_BLOCKED`. */
export function requireFetch(
  { decide, audit }: Pick<Services, "decide" | "audit">,
  subject: Omit<Extract<PolicySubject, { readonly kind: "plugin" }>, "kind">,
): void {
  const verdict = decide({ kind: "plugin", ...subject }, "fetch");
  if (verdict.allowed) return;
  const { reason, rule } = verdict;
  audit.append({ action: "fetch", subject: subject.id, outcome: "denied", detail: { reason } });
  throw policyRefusal(rule, `policy does not allow \`${subject.id}\`: ${reason}`);
}
