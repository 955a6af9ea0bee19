import type { PluginManifest } from "../plugin-manifest.ts";
import { pluginShape } from "../shapes.ts";
import { readSkills } from "./components/skills.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { readBasis } from "./manifest-basis.ts";
import { CLAUDE_MANIFEST } from "./claude-code.ts";
import { readFacts } from "./manifest-facts.ts";
import { finishManifest } from "./manifest-finish.ts";
import type { ReadContext, ReadPluginOptions } from "./read-context.ts";

/** Reads a bare skill: a folder that holds SKILL.md, or a folder of such folders. */
export function readSkillFolder(
  tree: FileTree,
  options: ReadPluginOptions,
  findings: Findings,
): PluginManifest | undefined {
  const basis = readBasis(tree, CLAUDE_MANIFEST, pluginShape, options, findings);
  if (basis === undefined) return undefined;
  const context: ReadContext = { tree, findings, plugin: basis.name };
  const facts = readFacts(tree, basis, "skill-folder", findings);
  return finishManifest(facts, readSkills(context, [{ path: "" }]), options, findings);
}
