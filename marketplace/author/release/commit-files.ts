import { createHash } from "node:crypto";
import { openingOf } from "../../../schemas/file-opening.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { memoryTree, type MemoryFile } from "../../../schemas/formats/index.ts";
import type { TreeMember } from "../../../schemas/tree-digest.ts";
import type { WorkTree } from "../work-tree.ts";

/** A folder as a commit has it. */
export interface CommittedFolder {
  readonly tree: FileTree;
  readonly members: readonly TreeMember[];
}

/** Reads a folder (`""` is the top) of a commit or tag out of the repository. */
export function committedFolder(repository: WorkTree, commit: string, folder: string): CommittedFolder {
  const listed = repository
    .run(["ls-tree", "-r", "-z", `${commit}:${folder}`])
    .split("\0")
    .flatMap((line) => {
      const [, mode = "", kind = "", object = "", path = ""] = /^(\d+) (\w+) (\w+)\t([^]*)$/u.exec(line) ?? [];
      return kind === "blob" ? [{ mode, object, path }] : [];
    });
  const contents = blobs(
    repository,
    listed.map(({ object }) => object),
  );
  const files: Record<string, MemoryFile> = {};
  const members: TreeMember[] = [];
  for (const [at, { mode, path }] of listed.entries()) {
    const bytes = contents[at] ?? Buffer.alloc(0);
    if (mode === "120000") {
      const target = bytes.toString();
      files[path] = { link: target };
      members.push({ kind: "link", path, target });
      continue;
    }
    const executable = mode === "100755";
    files[path] = { text: bytes, executable };
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    members.push({ kind: "file", path, executable, bytes: bytes.length, sha256, opening: openingOf(bytes) });
  }
  return { tree: memoryTree(files), members };
}

/** The contents of objects, in their order. */
function blobs(repository: WorkTree, objects: readonly string[]): readonly Buffer[] {
  if (objects.length === 0) return [];
  const output = repository.bytes(["cat-file", "--batch"], `${objects.join("\n")}\n`);
  let at = 0;
  return objects.map(() => {
    const end = output.indexOf(0x0a, at);
    const length = Number(output.toString("latin1", at, end).split(" ")[2]);
    at = end + 1 + length + 1;
    return output.subarray(end + 1, end + 1 + length);
  });
}
