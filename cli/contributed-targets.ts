import { contributedTarget } from "../marketplace/agents/contributed-target.ts";
import type { AgentTarget } from "../marketplace/agents/target.ts";
import { readCurrent } from "../marketplace/generations/generations.ts";
import type { Home } from "../marketplace/home.ts";
import { Store } from "../marketplace/store/store.ts";
import { AGENT_TARGET_POINT } from "../schemas/agent-target-point.ts";
import { readAgentTarget } from "../schemas/agent-target.ts";
import type { Diagnosed, Diagnostic } from "../schemas/diagnostic.ts";
import { readExtension } from "../schemas/plugsmith-extension.ts";

/** The agents that the person's enabled plugins tell of; a name that is taken is left out. Plugins of projects have no say in it. */
export function contributedTargets(home: Home, known: readonly AgentTarget[]): Diagnosed<readonly AgentTarget[]> {
  const targets: AgentTarget[] = [];
  const diagnostics: Diagnostic[] = [];
  const taken = new Set(["none", ...known.map(({ name }) => name)]);
  const store = new Store(home);
  for (const { id, enabled, manifest: digest } of readCurrent(home)?.roots["user"]?.plugins ?? []) {
    const manifest = enabled ? store.findManifest(digest) : undefined;
    if (manifest === undefined || manifest === "damaged") continue;
    for (const { value } of readExtension(manifest.plugsmith, id).value.contributes[AGENT_TARGET_POINT] ?? []) {
      const read = readAgentTarget(value, id);
      diagnostics.push(...read.diagnostics);
      if (read.value === undefined) continue;
      if (taken.has(read.value.name)) {
        diagnostics.push({
          code: "E_EXISTS",
          severity: "error",
          message: `the agent \`${read.value.name}\` of \`${id}\` is left out: another one has that name`,
          hint: "its author must give it a name of its own",
          dropped: "agent target",
        });
        continue;
      }
      taken.add(read.value.name);
      targets.push(contributedTarget(read.value, id));
    }
  }
  return { value: targets, diagnostics };
}
