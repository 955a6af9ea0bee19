import { CodedError } from "../../schemas/errors.ts";
import type { Decide } from "../../schemas/policy.ts";

/** Throws `E_SOURCE_BLOCKED`, with the rule and its place, for a flag that policy forbids; `name` is without dashes. */
export function requireFlag(decide: Decide, name: string): void {
  const decision = decide({ kind: "flag", name }, "use");
  if (decision.allowed) return;
  const { key, file, line } = decision.rule;
  throw new CodedError("E_SOURCE_BLOCKED", `\`--${name}\` is not allowed: ${decision.reason}`, {
    hint: `ask your administrator about \`${key}\` in ${file}`,
    where: line === undefined ? file : `${file}:${String(line)}`,
  });
}
