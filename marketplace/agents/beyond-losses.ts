import { AGENT_TARGET_POINT } from "../../schemas/agent-target-point.ts";
import { readExtension } from "../../schemas/plugsmith-extension.ts";
import type { AgentPlugin, Loss } from "./target.ts";

const TOOL_POINT = "plugsmith/tool";

/** What an agent loses of a plugin that is no component of it: code for Plugsmith, settings, channels. */
export function beyondLosses(
  plugin: AgentPlugin,
  { title, hasSettings = false }: { readonly title: string; readonly hasSettings?: boolean | undefined },
): readonly Loss[] {
  const { id, manifest } = plugin;
  const loss = (component: string, reason: string): Loss => ({ plugin: id, component, reason });
  return [
    ...codeLabels(plugin).map((label) =>
      loss(
        label,
        label.startsWith("tool ")
          ? "only Plugsmith runs code of plugins; `plugin serve` brings its tools to any MCP client"
          : "only Plugsmith runs code of plugins",
      ),
    ),
    ...(hasSettings ? [] : Object.keys(manifest.settings)).map((key) =>
      loss(`setting ${key}`, `${title} takes no settings from plugins`),
    ),
    ...(hasSettings ? [] : manifest.channels).map(({ server }) =>
      loss(`channel ${server}`, `${title} has no channels`),
    ),
  ];
}

/** What the code of a plugin adds, as far as its manifest says. */
function codeLabels({ manifest, id }: AgentPlugin): readonly string[] {
  const { entry, contributes } = readExtension(manifest.plugsmith, id).value;
  const added = Object.entries(contributes).flatMap(([point, ones]) => {
    // An agent that is told of is for Plugsmith alone.
    if (point === AGENT_TARGET_POINT) return [];
    return ones.map(({ name }) => `${point === TOOL_POINT ? "tool" : point} ${name}`);
  });
  return added.length > 0 || entry === undefined ? added : [`code ${entry}`];
}
