import { expect, it } from "vitest";
import { memoryTree } from "../../../schemas/formats/index.ts";

const tree = memoryTree({
  "a/b/c.txt": "c",
  "a/run": { text: "x", executable: true },
  in: { link: "a/b" },
  "a/up": { link: "../a/b/c.txt" },
  out: { link: "../x" },
  abs: { link: "/x" },
  gone: { link: "a/none" },
  l1: { link: "l2" },
  l2: { link: "l1" },
});

it("directories list their names in code unit order", () => {
  expect(tree.list("")?.map(({ name, kind }) => `${kind} ${name}`)).toStrictEqual([
    "directory a",
    "link abs",
    "link gone",
    "link in",
    "link l1",
    "link l2",
    "link out",
  ]);
  expect(tree.list("in")).toStrictEqual([{ name: "c.txt", kind: "file" }]);
  expect(tree.list("a/run")).toBeUndefined();
  expect(tree.list("none")).toBeUndefined();
});

it.each([
  ["", { kind: "directory", path: "" }],
  ["in/c.txt", { kind: "file", path: "a/b/c.txt", bytes: 1, executable: false }],
  ["a/up", { kind: "file", path: "a/b/c.txt" }],
  ["a/run", { kind: "file", executable: true }],
  ["out", { kind: "refused-link", target: "../x", reason: "escapes" }],
  ["abs", { kind: "refused-link", reason: "escapes" }],
  ["gone", { kind: "refused-link", reason: "missing" }],
  ["l1", { kind: "refused-link", reason: "loops" }],
])("`%s` is what it leads to", (path, node) => {
  expect(tree.stat(path)).toMatchObject(node);
});

it("files are read with a limit, links only inside", () => {
  expect(new TextDecoder().decode(tree.read("in/c.txt"))).toBe("c");
  expect(tree.read("out")).toBeUndefined();
  expect(() => tree.read("a/b/c.txt", 0)).toThrow(expect.objectContaining({ code: "E_LIMIT_FILE" }));
});
