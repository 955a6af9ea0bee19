import { isCodedError } from "../errors.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { joinTreePath } from "./tree-path.ts";

/**
 * A tree in which a place that the system refuses to show is a finding and counts as absent, and so does a name that is no
 * text: everything else of the plugin still loads. Only what hides the manifest takes the plugin along.
 */
export function tolerantTree(tree: FileTree, findings: Findings): FileTree {
  const refused = new Set<string>();
  const unnamed = new Set<string>();
  const attempt = <T>(path: string, look: () => T): T | undefined => {
    try {
      return look();
    } catch (problem) {
      if (!isCodedError(problem) || problem.code !== "E_IO") throw problem;
      if (refused.has(problem.message)) return undefined;
      refused.add(problem.message);
      findings.error(problem.code, problem.message, { file: path }, { hint: problem.hint, dropped: droppedWith(path) });
      return undefined;
    }
  };
  return {
    stat: (path) => attempt(path, () => tree.stat(path)),
    read: (path, maxBytes) => tree.read(path, maxBytes),
    list: (directory) => {
      const entries = attempt(directory, () => tree.list(directory));
      for (const { name, kind } of entries ?? []) {
        const path = joinTreePath(directory, name);
        if (!name.includes("\uFFFD") || unnamed.has(path)) continue;
        const exists = (): unknown => (kind === "directory" ? tree.list(path) : tree.stat(path));
        if (attempt(path, exists) !== undefined) continue;
        unnamed.add(path);
        findings.warn(
          "W_FILE_NAME",
          `the name \`${path}\` is not valid UTF-8, so what it names cannot be read`,
          { file: path },
          {
            hint: "rename it",
            dropped: "file",
          },
        );
      }
      return entries;
    },
  };
}

/** Without its manifest a plugin would be another one; without a folder it is the same with less. */
function droppedWith(path: string): string {
  return path === "" || path === "plugin.json" || path.startsWith(".claude-plugin") ? "plugin" : "component";
}
