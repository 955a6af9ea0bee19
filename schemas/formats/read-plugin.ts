import type { Diagnostic } from "../diagnostic.ts";
import type { PluginFormat, PluginManifest } from "../plugin-manifest.ts";
import { agentPluginShape, pluginShape } from "../shapes.ts";
import { AGENT_PLUGINS_MANIFEST, isAgentPluginsPackage, readAgentPlugins } from "./agent-plugins.ts";
import { CLAUDE_MANIFEST, readClaudeCode } from "./claude-code.ts";
import { CLAUDE_PLACES } from "./default-places.ts";
import type { FileTree } from "./file-tree.ts";
import { Findings } from "./findings.ts";
import { readBasis } from "./manifest-basis.ts";
import { readHead } from "./manifest-facts.ts";
import type { ManifestHead } from "./manifest-facts.ts";
import type { ReadPluginOptions } from "./read-context.ts";
import { readSkillFolder } from "./skill-folder.ts";
import { tolerantTree } from "./tolerant-tree.ts";
import { joinTreePath } from "./tree-path.ts";

/**
 * The format a tree is in; `undefined` when nothing in it can be a plugin. An entry makes any tree a plugin, and a root
 * `plugin.json` beside it counts only when all speaks for its format: the file is also used for other things.
 */
export function detectFormat(tree: FileTree, options: ReadPluginOptions): PluginFormat | undefined {
  if (tree.stat(CLAUDE_MANIFEST) !== undefined) return "claude-code";
  const { entry } = options;
  if (tree.stat(AGENT_PLUGINS_MANIFEST)?.kind === "file" && (entry === undefined || isAgentPluginsPackage(tree, entry)))
    return "agent-plugins";
  if (entry !== undefined) return "entry";
  if (["skills", ...CLAUDE_PLACES].some((path) => tree.stat(path) !== undefined)) return "claude-code";
  if (tree.stat("SKILL.md") !== undefined) return "skill-folder";
  const folders = tree.list("") ?? [];
  return folders.some(({ name, kind }) => kind !== "file" && tree.stat(joinTreePath(name, "SKILL.md")) !== undefined)
    ? "skill-folder"
    : undefined;
}

/** What reading a plugin gives; without a manifest the plugin cannot be loaded and an error says why. */
export interface PluginReading {
  readonly manifest: PluginManifest | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a tree as a plugin in whatever format it is: bad components are dropped with a finding, the rest loads. */
export function readPlugin(tree: FileTree, options: ReadPluginOptions = {}): PluginReading {
  const findings = new Findings();
  const manifest = readByFormat(tolerantTree(tree, findings), options, findings);
  return { manifest, diagnostics: findings.all() };
}

function readByFormat(tree: FileTree, options: ReadPluginOptions, findings: Findings): PluginManifest | undefined {
  switch (detectFormat(tree, options)) {
    case "entry":
      reportIgnoredManifest(tree, findings);
      return readClaudeCode(tree, options, findings);
    case "claude-code":
      return readClaudeCode(tree, options, findings);
    case "agent-plugins":
      return readAgentPlugins(tree, options, findings);
    case "skill-folder":
      return readSkillFolder(tree, options, findings);
    case undefined:
      findings.error(
        "E_MANIFEST",
        "nothing here is a plugin",
        { file: CLAUDE_MANIFEST },
        { hint: `add \`${CLAUDE_MANIFEST}\`, a \`skills/\` folder or a SKILL.md`, dropped: "plugin" },
      );
      return undefined;
  }
}

/** An author may believe that the root `plugin.json` counts. */
function reportIgnoredManifest(tree: FileTree, findings: Findings): void {
  if (tree.stat(AGENT_PLUGINS_MANIFEST)?.kind !== "file") return;
  findings.warn(
    "W_MANIFEST_IGNORED",
    `\`${AGENT_PLUGINS_MANIFEST}\` is not read: the catalog entry stands for the manifest`,
    { file: AGENT_PLUGINS_MANIFEST },
    { hint: `move it to \`${CLAUDE_MANIFEST}\`, or name its format in \`$schema\`` },
  );
}

/** What reading a manifest's head gives; when `loadable` is false the plugin cannot be used and an error says why. */
export interface ManifestHeadReading extends ManifestHead {
  readonly loadable: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Name, version, dependencies and initial state from manifest file and entry alone: cheap, for the solver. */
export function readManifestHead(disk: FileTree, options: ReadPluginOptions = {}): ManifestHeadReading {
  const findings = new Findings();
  const tree = tolerantTree(disk, findings);
  const agentPlugins = detectFormat(tree, options) === "agent-plugins";
  const basis = agentPlugins
    ? readBasis(tree, AGENT_PLUGINS_MANIFEST, agentPluginShape, options, findings)
    : readBasis(tree, CLAUDE_MANIFEST, pluginShape, options, findings);
  const head: ManifestHead =
    basis === undefined
      ? { name: options.entry?.name ?? options.fallbackName ?? "", dependencies: [], defaultEnabled: false }
      : readHead(basis, findings);
  return { ...head, loadable: !findings.failed, diagnostics: findings.all() };
}
