import type { Findings } from "../../schemas/formats/findings.ts";
import type { FileTree } from "../../schemas/formats/index.ts";
import { tolerantTree } from "../../schemas/formats/tolerant-tree.ts";

/** The kinds of file that a repository of plugins is made of. */
export type UnitKind =
  | "marketplace"
  | "plugin"
  | "agent-plugin"
  | "skill"
  | "command"
  | "agent"
  | "hooks"
  | "mcp"
  | "lsp"
  | "monitors"
  | "output-style";

/** One file of a repository that some reader understands. */
export interface Unit {
  readonly kind: UnitKind;
  readonly file: string;
}

const SKIPPED = new Set([".git", "node_modules"]);
const MAX_DEPTH = 32;

/**
 * Every file of a repository that some reader understands, by place and name; links are not followed. Folders that cannot be
 * listed become findings.
 */
export function findUnits(disk: FileTree, findings: Findings): readonly Unit[] {
  const tree = tolerantTree(disk, findings);
  const units: Unit[] = [];
  const visit = (directory: string, depth: number): void => {
    if (depth > MAX_DEPTH) return;
    const entries = tree.list(directory) ?? [];
    for (const { name, kind } of entries) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (kind === "directory" && !SKIPPED.has(name)) visit(path, depth + 1);
      const unit = kind === "file" ? kindOf(path, name, entries) : undefined;
      if (unit !== undefined && tree.stat(path)?.kind === "file") units.push({ kind: unit, file: path });
    }
  };
  visit("", 0);
  return units;
}

function kindOf(path: string, name: string, siblings: readonly { readonly name: string }[]): UnitKind | undefined {
  const folders = path.split("/").slice(0, -1);
  const parent = folders.at(-1);
  if (parent === ".claude-plugin") {
    return name === "marketplace.json" ? "marketplace" : name === "plugin.json" ? "plugin" : undefined;
  }
  if (folders.some((folder) => /^\..*-plugin$/.test(folder))) return undefined;
  switch (name) {
    case "SKILL.md":
      return "skill";
    case "hooks.json":
      return parent === "hooks" ? "hooks" : undefined;
    case ".mcp.json":
    case "mcp.json":
      return "mcp";
    case ".lsp.json":
      return "lsp";
    case "monitors.json":
      return parent === "monitors" ? "monitors" : undefined;
    case "plugin.json":
      return siblings.some((other) => other.name === "skills" || other.name === "mcp.json")
        ? "agent-plugin"
        : undefined;
  }
  if (!name.endsWith(".md") || folders.some((folder) => folder === "skills")) return undefined;
  if (folders.includes("commands")) return "command";
  if (folders.includes("agents")) return "agent";
  return parent === "output-styles" ? "output-style" : undefined;
}
