import type { PolicyLoss } from "../../marketplace/agents/policy/policy-loss.ts";
import { placeText } from "./diagnostic-lines.ts";
import { dim, yellow } from "./style.ts";

/** What an agent's managed file cannot say; losses with one reason and hint stand together. */
export function policyLossLines(losses: readonly PolicyLoss[], title: string): readonly string[] {
  if (losses.length === 0) return [`${title} enforces all of it`];
  const groups = [...Map.groupBy(losses, ({ effect, reason, hint }) => [effect, reason, hint].join("\0")).values()];
  return groups.flatMap((ones) => {
    const [first] = ones;
    if (first === undefined) return [];
    const where = ones.map((one) => `${one.key}${place(one)}`);
    const named =
      where.length > 4 ? `${where.slice(0, 3).join(", ")} and ${String(where.length - 3)} more` : where.join(", ");
    const word = first.effect === "weaker" ? yellow("weaker:") : dim("stricter:");
    return [
      `${word} ${first.reason}`,
      dim(`  ${named}`),
      ...(first.hint === undefined ? [] : [`  hint: ${first.hint}`]),
    ];
  });
}

function place(loss: PolicyLoss): string {
  const text = loss.file === undefined ? undefined : placeText({ ...loss, file: loss.file });
  return text === undefined ? "" : ` at ${text}`;
}
