import type { FileTree } from "../../schemas/formats/file-tree.ts";

/** A tree whose folder `folder`, at its top, is that of another one, which has nothing else. */
export function joinedTree(tree: FileTree, folder: string, other: FileTree): FileTree {
  const of = (path: string): FileTree => (path === folder || path.startsWith(`${folder}/`) ? other : tree);
  return {
    list: (directory) => {
      if (directory !== "") return of(directory).list(directory);
      const own = (tree.list("") ?? []).filter(({ name }) => name !== folder);
      return [...own, ...(other.list("") ?? [])].sort((left, right) => (left.name < right.name ? -1 : 1));
    },
    stat: (path) => of(path).stat(path),
    read: (path, maxBytes) => of(path).read(path, maxBytes),
  };
}
