import type { FileTree, TreeNode } from "./file-tree.ts";

/** Resolves `.` and `..` of a relative path by text; `undefined` when it is not relative or leaves the tree. */
export function resolveTreePath(text: string): string | undefined {
  if (/^(?:[/~$]|[A-Za-z][A-Za-z0-9+.-]*:)/.test(text) || text.includes("\\") || text.includes("\0")) return undefined;
  const segments: string[] = [];
  for (const segment of text.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined) return undefined;
  }
  return segments.join("/");
}

/** Joins tree paths; the root is `""`. */
export function joinTreePath(directory: string, name: string): string {
  return directory === "" ? name : `${directory}/${name}`;
}

/** The last segment of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The path without its last segment; `""` at the root. */
export function parentPath(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash === -1 ? "" : path.slice(0, slash);
}

/** Whether a directory holds anything that a reader would follow. */
export function isDirectory(tree: FileTree, path: string): boolean {
  return tree.stat(path)?.kind === "directory";
}

/** Whether a path is a regular file once links were followed. */
export function isFile(tree: FileTree, path: string): boolean {
  return tree.stat(path)?.kind === "file";
}

/** Why a link was not followed, in words. */
export function linkReason(node: Extract<TreeNode, { kind: "refused-link" }>): string {
  switch (node.reason) {
    case "escapes":
      return `is a link that leaves the plugin (\`${node.target}\`)`;
    case "loops":
      return `is a link that loops (\`${node.target}\`)`;
    case "missing":
      return `is a link to something that does not exist (\`${node.target}\`)`;
  }
}
