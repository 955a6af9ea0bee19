import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { DEFAULT_TREE_LIMITS } from "../../../marketplace/store/member-rules.ts";
import { seededTree } from "../../../marketplace/store/seeds.ts";
import { scanTree } from "../../../marketplace/store/tree-scan.ts";
import { memoryTree } from "../../../schemas/formats/memory-tree.ts";
import { treeDigest } from "../../../schemas/tree-digest.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

const DIGEST = treeDigest(
  scanTree(memoryTree({ "a.md": "one" }), { limits: DEFAULT_TREE_LIMITS, onFile: () => undefined }).members,
);

describe("a seed store", () => {
  it.each(["trees", "store/trees"])("gives the tree of a digest that lies in its `%s`", (folder) => {
    using files = temporaryHome();
    files.write(`seed/${folder}/${DIGEST}/a.md`, "one");
    const remarks: string[] = [];
    const services = { openTree: openDirectoryTree, remark: (message: string) => remarks.push(message) };
    const environment = { PLUGSMITH_SEED_STORE: `${files.path("none")}:${files.path("seed")}` };
    const tree = seededTree(DIGEST, { ...services, environment });
    expect(Buffer.from(tree?.read("a.md") ?? []).toString()).toBe("one");
    expect(remarks).toEqual([]);
  });

  it("is passed over for a tree that is not what its name says, and for a path that is not absolute", () => {
    using files = temporaryHome();
    files.write(`seed/trees/${DIGEST}/a.md`, "changed");
    const remarks: string[] = [];
    const environment = { PLUGSMITH_SEED_STORE: `seed:${files.path("seed")}` };
    const remark = (message: string): number => remarks.push(message);
    expect(seededTree(DIGEST, { environment, openTree: openDirectoryTree, remark })).toBeUndefined();
    expect(remarks).toEqual([
      "`seed` of `PLUGSMITH_SEED_STORE` is not used: it is not an absolute path",
      expect.stringContaining(`\`${files.path(`seed/trees/${DIGEST}`)}\` is not used: its content is`),
    ]);
  });
});
