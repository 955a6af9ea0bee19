import type { PluginManifest } from "../plugin-manifest.ts";
import { agentPluginShape } from "../shapes.ts";
import { readMcpServers } from "./components/mcp.ts";
import { readSkills } from "./components/skills.ts";
import { declaredPaths } from "./component-requests.ts";
import type { FileTree } from "./file-tree.ts";
import { Findings } from "./findings.ts";
import { isRecord, readJsonFile } from "./json-file.ts";
import { addedField, readBasis } from "./manifest-basis.ts";
import type { ManifestBasis } from "./manifest-basis.ts";
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
  const basis = readBasis(tree, AGENT_PLUGINS_MANIFEST, agentPluginShape, options, findings);
  if (basis === undefined) return undefined;
  const context: ReadContext = { tree, findings, plugin: basis.name };
  const facts = readFacts(tree, basis, "agent-plugins", findings);
  reportIgnored(basis, findings);
  const added = declaredPaths(context, addedField(basis, "skills"), "skill");
  const contributions = [
    ...readSkills(context, [{ path: "skills" }, ...added]),
    ...readMcpServers(context, "mcp.json", []),
  ];
  return finishManifest(facts, contributions, options, findings);
}

const IGNORED_ENTRY_KEYS = [
  "commands",
  "agents",
  "hooks",
  "mcpServers",
  "lspServers",
  "outputStyles",
  "themes",
  "userConfig",
  "channels",
];

/** Of a catalog entry this format takes facts and `skills`. */
function reportIgnored(basis: ManifestBasis, findings: Findings): void {
  for (const key of IGNORED_ENTRY_KEYS) {
    const added = addedField(basis, key);
    if (added === undefined) continue;
    findings.warn(
      "W_ENTRY_IGNORED",
      `\`${key}\` of a catalog entry is ignored for an Agent Plugins package`,
      added.where(),
      {
        hint: "remove it from the entry",
      },
    );
  }
}

/** Whether a root `plugin.json` says of itself that it is one of this format. */
export function isAgentPluginsManifest(tree: FileTree): boolean {
  const json = readJsonFile(tree, AGENT_PLUGINS_MANIFEST, new Findings(), "plugin")?.value;
  const schema = isRecord(json) ? json["$schema"] : undefined;
  return typeof schema === "string" && schema.includes("agent-plugins");
}
