/** What a path of a tree is once links were followed inside the tree. */
export type TreeNode =
  | { readonly kind: "file"; readonly path: string; readonly bytes: number; readonly executable: boolean }
  | { readonly kind: "directory"; readonly path: string }
  /** A link that leaves the tree, loops, is absolute or points nowhere; it is never followed. */
  | {
      readonly kind: "refused-link";
      readonly path: string;
      readonly target: string;
      readonly reason: "escapes" | "loops" | "missing";
    };

/** One name in a directory, before links are followed. */
export interface TreeEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "link" | "other";
}

/**
 * A read-only directory tree; the readers of `schemas` see files only through it.
 * Paths are POSIX, relative, without leading `./`; the root is `""`. Nothing outside the root is ever read.
 */
export interface FileTree {
  /** The names in a directory, sorted by code unit; `undefined` when it is absent or not a directory. */
  list(directory: string): readonly TreeEntry[] | undefined;
  /** The node at a path, links followed inside the tree; `undefined` when absent. */
  stat(path: string): TreeNode | undefined;
  /** The bytes of a file; `undefined` when absent or not a regular file. Throws `E_LIMIT_FILE` above `maxBytes`. */
  read(path: string, maxBytes?: number): Uint8Array | undefined;
}
