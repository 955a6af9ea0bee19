import { describe, expect, it } from "vitest";
import { packagedTree, type UnpackedPackage } from "../../../marketplace/packages/packaged-tree.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { memoryTree } from "../../../schemas/formats/memory-tree.ts";

function unpacked(path: string, files: readonly string[], bin: Readonly<Record<string, string>> = {}): UnpackedPackage {
  const none = {
    name: path,
    version: "1.0.0",
    resolved: undefined,
    integrity: "",
    optional: false,
    os: [],
    cpu: [],
    libc: [],
  };
  return {
    locked: { ...none, path, bin, hasInstallScript: false },
    files: new Map(files.map((file) => [file, { bytes: Buffer.from(path), executable: false }])),
  };
}

/** Every file and link of a tree. */
function everything(tree: FileTree, directory = ""): readonly string[] {
  return (tree.list(directory) ?? []).flatMap(({ name, kind }) => {
    const path = directory === "" ? name : `${directory}/${name}`;
    if (kind === "directory") return everything(tree, path);
    const node = tree.stat(path);
    return [
      kind === "link"
        ? `${path} -> ${node?.path ?? "?"}`
        : node?.kind === "file" && node.executable
          ? `${path} *`
          : path,
    ];
  });
}

const PLUGIN = memoryTree({ "a.mjs": "", "node_modules/old/index.js": "", "lib/node_modules/kept.js": "" });

describe("a plugin with its packages", () => {
  it("has its own files and exactly the packages, whatever it brought in their place", () => {
    const tree = packagedTree(
      PLUGIN,
      [unpacked("node_modules/a", ["index.js"]), unpacked("node_modules/a/node_modules/b", ["b.js"])],
      new Set(),
    );
    expect(everything(tree)).toEqual([
      "a.mjs",
      "lib/node_modules/kept.js",
      "node_modules/a/index.js",
      "node_modules/a/node_modules/b/b.js",
    ]);
  });

  it("has the commands of packages as links to programs, the first one of a name", () => {
    const tree = packagedTree(
      PLUGIN,
      [
        unpacked("node_modules/a", ["cli.js"], { run: "cli.js", gone: "gone.js" }),
        unpacked("node_modules/a/node_modules/b", ["b.js"], { b: "b.js" }),
        unpacked("node_modules/@s/z", ["z.js"], { run: "z.js", z: "z.js" }),
      ],
      new Set(),
    );
    expect(everything(tree).filter((one) => /->|\*/.test(one))).toEqual([
      "node_modules/.bin/run -> node_modules/a/cli.js",
      "node_modules/.bin/z -> node_modules/@s/z/z.js",
      "node_modules/@s/z/z.js *",
      "node_modules/a/cli.js *",
      "node_modules/a/node_modules/.bin/b -> node_modules/a/node_modules/b/b.js",
      "node_modules/a/node_modules/b/b.js *",
    ]);
  });

  it("has of what a tarball brings of other packages only what the lock says is bundled", () => {
    const own = unpacked("node_modules/a", [
      "node_modules/yes/index.js",
      "node_modules/@s/yes/index.js",
      "node_modules/no/index.js",
      "node_modules/.bin/no",
      "fixtures/node_modules/own.js",
    ]);
    const bundled = new Set(["node_modules/a/node_modules/yes", "node_modules/a/node_modules/@s/yes"]);
    expect(everything(packagedTree(memoryTree({}), [own], bundled))).toEqual([
      "node_modules/a/fixtures/node_modules/own.js",
      "node_modules/a/node_modules/@s/yes/index.js",
      "node_modules/a/node_modules/yes/index.js",
    ]);
  });
});
