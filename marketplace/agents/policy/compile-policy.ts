import { MANAGED_FILES, type PolicyAgent } from "./policy-agent.ts";
import type { Compiled, PolicyLoss } from "./policy-loss.ts";
import { POLICY_TABLE } from "./policy-table.ts";
import { settingsCell } from "./settings-cell.ts";
import { objectOf, type WrittenObject, type WrittenPolicy } from "./written-policy.ts";

/** A policy in one agent's words. */
export interface CompiledPolicy {
  /** The whole managed file. */
  readonly text: string;
  /** What it says otherwise or not at all, what is weaker first. */
  readonly losses: readonly PolicyLoss[];
}

/**
 * One policy as the managed file of another agent. Nothing in it admits what the policy refuses; where the agent has no such
 * rule, the loss says so. Equal policies give equal bytes.
 */
export async function compilePolicy(policy: WrittenPolicy, agent: PolicyAgent): Promise<CompiledPolicy> {
  const rows = Object.values(POLICY_TABLE);
  const cells: readonly Compiled[] = [
    ...rows.map((row) => row[agent](policy, agent)),
    settingsCell(policy, agent, new Set(rows.flatMap(({ keys }) => keys))),
  ];
  const settings = cells.reduce<WrittenObject>((merged, cell) => merge(merged, cell.settings), {});
  const losses = cells.flatMap((cell) => cell.losses);
  return {
    text:
      MANAGED_FILES[agent].format === "json" ? `${JSON.stringify(settings, undefined, 2)}\n` : await tomlOf(settings),
    losses: [
      ...losses.filter(({ effect }) => effect === "weaker"),
      ...losses.filter(({ effect }) => effect === "stricter"),
    ],
  };
}

/** Several rows write into one object, e.g. `enabledPlugins`. */
function merge(left: WrittenObject, right: WrittenObject): WrittenObject {
  const both = Object.entries(right).map(([key, value]) => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return [key, isObject ? { ...objectOf(left[key]), ...value } : value] as const;
  });
  return { ...left, ...Object.fromEntries(both) };
}

async function tomlOf(settings: WrittenObject): Promise<string> {
  const { stringify } = await import("smol-toml");
  return stringify(settings);
}
