import type { FileTree, TreeNode } from "./file-tree.ts";

/** A declared path after the rules of formats.md §1.3; `path` is relative to the tree, without `./`. */
export type CheckedPath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly code: "E_PATH" | "E_PATH_ESCAPE"; readonly reason: string; readonly hint: string };

/** Checks the form of a component path and its containment by text; links are the tree's business. */
export function checkComponentPath(declared: string): CheckedPath {
  const inside = "write a path inside the plugin that starts with `./`";
  if (declared.includes("\\"))
    return { ok: false, code: "E_PATH", reason: "contains a backslash", hint: "use `/` between folders" };
  if (declared.includes("\0")) return { ok: false, code: "E_PATH", reason: "contains a NUL character", hint: inside };
  if (declared.length > 1024)
    return { ok: false, code: "E_PATH", reason: "is longer than 1,024 characters", hint: inside };
  if (/^(?:\/|~|\$|[A-Za-z][A-Za-z0-9+.-]*:)/.test(declared))
    return { ok: false, code: "E_PATH_ESCAPE", reason: "is not relative to the plugin", hint: inside };
  const segments: string[] = [];
  for (const segment of declared.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") segments.push(segment);
    else if (segments.pop() === undefined)
      return { ok: false, code: "E_PATH_ESCAPE", reason: "leaves the plugin's directory", hint: inside };
  }
  return { ok: true, path: segments.join("/") };
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
