import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedTools } from "../../schemas/locked-tools.ts";
import type { PlanTools } from "./plan.ts";

/** The MCP servers of a plugin whose tools are locked to something else than before. */
export function plannedTools(plugin: GenerationPlugin, old: GenerationPlugin | undefined): readonly PlanTools[] {
  const servers = [...new Set([...Object.keys(plugin.tools ?? {}), ...Object.keys(old?.tools ?? {})])].sort();
  return servers.flatMap((server) => {
    const [before, after] = [digestsOf(old?.tools, server), digestsOf(plugin.tools, server)];
    const added = [...after.keys()].filter((name) => !before.has(name));
    const changed = [...after].flatMap(([name, digest]) =>
      before.has(name) && before.get(name) !== digest ? [name] : [],
    );
    const removed = [...before.keys()].filter((name) => !after.has(name));
    if (added.length + changed.length + removed.length === 0) return [];
    return [{ id: plugin.id, server, count: after.size, added, changed, removed }];
  });
}

function digestsOf(tools: LockedTools | undefined, server: string): ReadonlyMap<string, string> {
  return new Map(Object.entries(tools?.[server] ?? {}).sort(([left], [right]) => (left < right ? -1 : 1)));
}
