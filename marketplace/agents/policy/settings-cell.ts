import { isDeepStrictEqual } from "node:util";
import { MANAGED_FILES, type PolicyAgent } from "./policy-agent.ts";
import { type Compiled, type PolicyLoss, weaker } from "./policy-loss.ts";
import type { WrittenPolicy } from "./written-policy.ts";

/**
 * What else stands in managed files, e.g. `permissions`: Claude Code reads it as it is, and so does Plugsmith; to others it is
 * foreign, because most of these keys have other words there.
 */
export function settingsCell(policy: WrittenPolicy, agent: PolicyAgent, known: ReadonlySet<string>): Compiled {
  const settings: Record<string, unknown> = {};
  const losses: PolicyLoss[] = [];
  for (const { document, root } of policy) {
    for (const [key, value] of Object.entries(root)) {
      if (known.has(key) || key === "$schema") continue;
      const place = { key, file: document.file };
      if (isWritten(agent, key, value) && !Object.hasOwn(settings, key)) settings[key] = value;
      if (!isRead(agent, key, value)) {
        const hint = `write it in ${MANAGED_FILES[agent].title}'s own words`;
        losses.push(weaker(place, `\`${key}\` is not compiled`, hint));
      } else if (!isDeepStrictEqual(settings[key], value))
        losses.push(weaker(place, "another file says it otherwise, and that one is compiled", "put it in one file"));
    }
  }
  return { settings, losses };
}

/** Copilot CLI gets what VS Code reads, because they share a file. */
function isWritten(agent: PolicyAgent, key: string, value: unknown): boolean {
  return isRead(agent === "copilot" ? "vscode" : agent, key, value);
}

function isRead(agent: PolicyAgent, key: string, value: unknown): boolean {
  return agent === "claude" || (agent === "vscode" && key === "strictPluginOnlyCustomization" && value === true);
}
