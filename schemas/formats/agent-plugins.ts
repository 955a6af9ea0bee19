import { nameProblem } from "../names.ts";
import type { CatalogEntry, PluginManifest } from "../plugin-manifest.ts";
import { agentPluginShape } from "../shapes.ts";
import { readMcpServers } from "./components/mcp.ts";
import { readSkills } from "./components/skills.ts";
import { declaredPaths } from "./component-requests.ts";
import type { FileTree } from "./file-tree.ts";
import { Findings } from "./findings.ts";
import { readJsonFile } from "./json-file.ts";
import { isRecord } from "../record.ts";
import { CLAUDE_PLACES } from "./default-places.ts";
import { addedField, readBasis } from "./manifest-basis.ts";
import type { ManifestBasis } from "./manifest-basis.ts";
import { readFacts } from "./manifest-facts.ts";
import { finishManifest } from "./manifest-finish.ts";
import type { ReadContext, ReadPluginOptions } from "./read-context.ts";
import { isDirectory, isFile } from "./tree-path.ts";

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

/**
 * Whether the root `plugin.json` of a listed plugin is a manifest of this format: it says so by its `$schema`, or has the
 * shape and lies in the layout while neither tree nor entry holds anything of the other format or claims to be the manifest.
 */
export function isAgentPluginsPackage(tree: FileTree, entry: CatalogEntry): boolean {
  const json = readJsonFile(tree, AGENT_PLUGINS_MANIFEST, new Findings(), "plugin")?.value;
  if (!isRecord(json)) return false;
  const schema = json["$schema"];
  if (schema !== undefined) return typeof schema === "string" && schema.includes("agent-plugins");
  const isLaidOut = isFile(tree, "mcp.json") || isDirectory(tree, "skills");
  const isForeign =
    !entry.strict ||
    CLAUDE_PLACES.some((path) => tree.stat(path) !== undefined) ||
    IGNORED_ENTRY_KEYS.some((key) => entry.raw[key] !== undefined);
  if (!isLaidOut || isForeign || typeof json["name"] !== "string") return false;
  return nameProblem(json["name"]) === undefined && agentPluginShape(json).success;
}
