import { agentPluginJsonSchema } from "../agent-plugins.ts";
import type { PluginManifest } from "../plugin-manifest.ts";
import { readMcpServers } from "./components/mcp.ts";
import { readSkills } from "./components/skills.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { readBasis } from "./manifest-basis.ts";
import { readFacts } from "./manifest-facts.ts";
import { finishManifest } from "./manifest-finish.ts";
import type { ReadContext, ReadPluginOptions } from "./read-context.ts";

/** Where the manifest file of this format lies. */
export const AGENT_PLUGINS_MANIFEST = "plugin.json";

/** Reads a plugin in the Agent Plugins 1.x layout: root `plugin.json`, `skills/`, `mcp.json`. */
export function readAgentPlugins(
  tree: FileTree,
  options: ReadPluginOptions,
  findings: Findings,
): PluginManifest | undefined {
  const basis = readBasis(tree, AGENT_PLUGINS_MANIFEST, agentPluginJsonSchema, options, findings);
  if (basis === undefined) return undefined;
  const context: ReadContext = { tree, findings, plugin: basis.name };
  const facts = readFacts(basis, "agent-plugins", findings);
  const contributions = [...readSkills(context, [{ path: "skills" }]), ...readMcpServers(context, "mcp.json", [])];
  return finishManifest(facts, contributions, options, findings);
}
