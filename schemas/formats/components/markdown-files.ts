import type { TreeEntry } from "../file-tree.ts";
import type { ReadContext } from "../read-context.ts";
import { reportLink } from "../read-context.ts";
import { baseName, joinTreePath } from "../tree-path.ts";

/** A markdown file below a folder; `segments` are the folders between, then the name without `.md`. */
export interface MarkdownFile {
  readonly file: string;
  readonly segments: readonly string[];
}

const MAX_DEPTH = 32;
const IGNORED = new Set(["node_modules", ".git"]);

/** Every `*.md` below a directory in code unit order, of a folder of commands that holds SKILL.md that one alone; links are followed inside the tree, each directory once. */
export function markdownFiles(context: ReadContext, directory: string, kind: string): readonly MarkdownFile[] {
  const { tree } = context;
  const found: MarkdownFile[] = [];
  const visited = new Set<string>();
  const visit = (path: string, real: string, folders: readonly string[]): void => {
    if (visited.has(real) || folders.length > MAX_DEPTH) return;
    visited.add(real);
    const entries = tree.list(path) ?? [];
    const skill = kind === "command" ? entries.find((entry) => isSkillFile(entry)) : undefined;
    if (skill !== undefined) {
      found.push({ file: joinTreePath(path, skill.name), segments: folders.length > 0 ? folders : [baseName(path)] });
      return;
    }
    for (const { name, kind: entryKind } of entries) {
      const child = joinTreePath(path, name);
      if (entryKind === "other" || IGNORED.has(name)) continue;
      const node = entryKind === "link" ? tree.stat(child) : undefined;
      if (node?.kind === "refused-link") {
        reportLink(context, node, kind);
        continue;
      }
      const shape = node?.kind ?? entryKind;
      if (shape === "directory") visit(child, node?.path ?? child, [...folders, name]);
      else if (shape === "file" && /\.md$/i.test(name))
        found.push({ file: child, segments: [...folders, name.slice(0, -3)] });
    }
  };
  visit(directory, tree.stat(directory)?.path ?? directory, []);
  return found;
}

/** A folder of commands that holds a skill is one command with the skill's files beside it. */
function isSkillFile({ name, kind }: TreeEntry): boolean {
  return kind === "file" && /^skill\.md$/i.test(name);
}
