import type { Contribution, HookContribution, PluginManifest, UserOption } from "../plugin-manifest.ts";
import { pluginShape } from "../shapes.ts";
import { readAgents, readOutputStyles } from "./components/agents.ts";
import { readCommandMap, readCommands } from "./components/commands.ts";
import { readHooks, readInlineHooks } from "./components/hooks.ts";
import { readLspServers } from "./components/lsp.ts";
import { readMcpServers } from "./components/mcp.ts";
import { readMonitorFiles, readMonitorList } from "./components/monitors.ts";
import { readPlainFiles } from "./components/plain-files.ts";
import { readSkills } from "./components/skills.ts";
import { withChannelOptions } from "./channel-options.ts";
import { declaredPaths, folderRequests, isCommandMap, mergedValues } from "./component-requests.ts";
import type { FolderRule } from "./component-requests.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { addedField, baseField, readBasis } from "./manifest-basis.ts";
import type { ManifestBasis } from "./manifest-basis.ts";
import { readFacts } from "./manifest-facts.ts";
import { finishManifest } from "./manifest-finish.ts";
import type { ReadContext, ReadPluginOptions } from "./read-context.ts";
import { isDirectory, isFile } from "./tree-path.ts";

/** Where the manifest file of this format lies. */
export const CLAUDE_MANIFEST = ".claude-plugin/plugin.json";

const COMMANDS: FolderRule = { kind: "command", keys: [["commands"]], folder: "commands", key: "replaces" };
const AGENTS: FolderRule = { kind: "agent", keys: [["agents"]], folder: "agents", key: "replaces" };
const STYLES: FolderRule = { kind: "output-style", keys: [["outputStyles"]], folder: "output-styles", key: "replaces" };
const WORKFLOWS: FolderRule = { kind: "workflow", keys: [["workflows"]], folder: "workflows", key: "replaces" };
const THEMES: FolderRule = {
  kind: "theme",
  keys: [["experimental", "themes"], ["themes"]],
  folder: "themes",
  key: "replaces",
};

/** Reads a plugin in the layout of formats.md §1 and §2.5; the entry alone may be its manifest. */
export function readClaudeCode(
  tree: FileTree,
  options: ReadPluginOptions,
  findings: Findings,
): PluginManifest | undefined {
  const basis = readBasis(tree, CLAUDE_MANIFEST, pluginShape, options, findings);
  if (basis === undefined) return undefined;
  const bundleOptions = new Map<string, UserOption>();
  const context: ReadContext = { tree, findings, plugin: basis.name, bundleOptions };
  const format = basis.manifest === undefined && basis.entry !== undefined ? "entry" : "claude-code";
  const facts = readFacts(tree, basis, format, findings);
  const read = readContributions(context, basis, options);
  const own = { ...facts.userConfig, ...Object.fromEntries(bundleOptions) };
  const { userConfig, contributions } = withChannelOptions({ userConfig: own, contributions: read }, facts, findings);
  return finishManifest({ ...facts, userConfig }, contributions, options, findings);
}

function readContributions(
  context: ReadContext,
  basis: ManifestBasis,
  options: ReadPluginOptions,
): readonly Contribution[] {
  const { hooks, mods } = readHooks(context, "hooks/hooks.json", mergedValues(basis, "hooks"));
  reportIgnored(context, basis);
  return [
    ...skills(context, basis, options),
    ...commands(context, basis),
    ...readAgents(context, folderRequests(context, basis, AGENTS)),
    ...replaceEvents(hooks, entryHooks(context, basis)),
    ...mods,
    ...readMcpServers(context, ".mcp.json", mergedValues(basis, "mcpServers")),
    ...readLspServers(context, ".lsp.json", mergedValues(basis, "lspServers")),
    ...monitors(context, basis),
    ...readOutputStyles(context, folderRequests(context, basis, STYLES)),
    ...readPlainFiles(context, folderRequests(context, basis, WORKFLOWS), "workflow", ".js"),
    ...readPlainFiles(context, folderRequests(context, basis, THEMES), "theme", ".json"),
    ...readPlainFiles(context, [{ path: "bin" }], "bin", ""),
  ];
}

function skills(context: ReadContext, basis: ManifestBasis, options: ReadPluginOptions): readonly Contribution[] {
  const base = baseField(basis, ["skills"]);
  const added = addedField(basis, "skills");
  const declared = [...declaredPaths(context, base, "skill"), ...declaredPaths(context, added, "skill")];
  const entryLists = basis.entry?.json.skills !== undefined;
  if (options.rootIsMarketplace === true && entryLists) return readSkills(context, declared);
  const single =
    base === undefined &&
    added === undefined &&
    !isDirectory(context.tree, "skills") &&
    isFile(context.tree, "SKILL.md");
  return readSkills(context, [...(single ? [{ path: "" }] : []), { path: "skills" }, ...declared]);
}

function commands(context: ReadContext, basis: ManifestBasis): readonly Contribution[] {
  const base = baseField(basis, ["commands"]);
  const added = addedField(basis, "commands");
  const maps = [base, added]
    .filter((located) => isCommandMap(located))
    .flatMap((located) => readCommandMap(context, located));
  return [...readCommands(context, folderRequests(context, basis, COMMANDS)), ...maps];
}

function monitors(context: ReadContext, basis: ManifestBasis): readonly Contribution[] {
  const declared = baseField(basis, ["experimental", "monitors"]) ?? baseField(basis, ["monitors"]);
  if (declared === undefined) return readMonitorFiles(context, [{ path: "monitors/monitors.json" }]);
  return typeof declared.value === "string"
    ? readMonitorFiles(context, declaredPaths(context, declared, "monitor"))
    : readMonitorList(context, declared, "plugin");
}

/** An entry's hooks are inline only (formats.md §2.5); they replace those of the manifest event by event. */
function entryHooks(context: ReadContext, basis: ManifestBasis): readonly HookContribution[] {
  const added = addedField(basis, "hooks");
  if (added === undefined) return [];
  if (typeof added.value === "string" || Array.isArray(added.value)) {
    context.findings.error("E_SCHEMA", "`hooks` of a catalog entry must be an inline object", added.where(), {
      hint: "put the hooks into the plugin, or write them inline",
      dropped: "hook",
    });
    return [];
  }
  return readInlineHooks(context, added);
}

function replaceEvents(
  base: readonly HookContribution[],
  added: readonly HookContribution[],
): readonly HookContribution[] {
  const events = new Set(added.map(({ event }) => event));
  return [...base.filter(({ event }) => !events.has(event)), ...added];
}

function reportIgnored(context: ReadContext, basis: ManifestBasis): void {
  if (basis.manifest === undefined || basis.entry === undefined) return;
  for (const key of ["mcpServers", "lspServers", "userConfig", "channels"] as const) {
    if (basis.entry.json[key] === undefined) continue;
    context.findings.warn(
      "W_ENTRY_IGNORED",
      `\`${key}\` of entry \`${basis.entry.entry.name}\` is ignored because the plugin has a manifest`,
      basis.entry.entry.where,
      { hint: "put it into the plugin's manifest" },
    );
  }
}
