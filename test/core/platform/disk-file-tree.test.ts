import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

/** A root with links of every sort, beside it a secret that no path may reach. */
function populate(home: TemporaryHome): string {
  home.write("secret/key", "outside");
  home.write("root/plain.txt", "plain");
  home.write("root/deep/er/file.txt", "deep");
  home.write("root/.git/config", "[core]");
  const links: Readonly<Record<string, string>> = {
    "to-file": "plain.txt",
    "to-directory": "deep",
    "deep/up": "../plain.txt",
    "deep/er/through": "../../to-directory/er/file.txt",
    dotted: "./deep/./er/../er//file.txt",
    "to-root": ".",
    out: "../secret/key",
    "out-directory": "../secret",
    "out-and-in": "../root/plain.txt",
    "deep/er/far-out": "../../../secret/key",
    absolute: home.path("secret/key"),
    "absolute-inside": home.path("root/plain.txt"),
    "into-git": ".git/config",
    "into-git-spelled": "deep/../.GIT/config",
    nowhere: "no/such/file",
    "below-a-file": "plain.txt/x",
    self: "self",
    "loop-a": "loop-b",
    "loop-b": "loop-a",
    "to-escaping": "out",
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, home.path("root", name));
  return home.path("root");
}

function makePipe(path: string): void {
  execFileSync("sh", ["-c", 'mkfifo "$0"', path]);
}

const refused = (path: string, target: string, reason: string): object => ({
  kind: "refused-link",
  path,
  target,
  reason,
});
const file = (path: string, bytes: number): object => ({ kind: "file", path, bytes, executable: false });

describe("a directory opened as a tree", () => {
  it("resolves links inside the root and refuses every other", () => {
    using home = temporaryHome();
    const tree = openDirectoryTree(populate(home));
    const cases: Readonly<Record<string, object | undefined>> = {
      "": { kind: "directory", path: "" },
      "plain.txt": file("plain.txt", 5),
      deep: { kind: "directory", path: "deep" },
      "to-file": file("plain.txt", 5),
      "to-directory/er": { kind: "directory", path: "deep/er" },
      "to-directory/er/file.txt": file("deep/er/file.txt", 4),
      "deep/up": file("plain.txt", 5),
      "deep/er/through": file("deep/er/file.txt", 4),
      dotted: file("deep/er/file.txt", 4),
      "to-root/to-root/plain.txt": file("plain.txt", 5),
      out: refused("out", "../secret/key", "escapes"),
      "out-directory/key": refused("out-directory", "../secret", "escapes"),
      "out-and-in": refused("out-and-in", "../root/plain.txt", "escapes"),
      "to-directory/er/far-out": refused("deep/er/far-out", "../../../secret/key", "escapes"),
      absolute: refused("absolute", home.path("secret/key"), "escapes"),
      "absolute-inside": refused("absolute-inside", home.path("root/plain.txt"), "escapes"),
      "into-git": refused("into-git", ".git/config", "escapes"),
      "into-git-spelled": refused("into-git-spelled", "deep/../.GIT/config", "escapes"),
      nowhere: refused("nowhere", "no/such/file", "missing"),
      "below-a-file": refused("below-a-file", "plain.txt/x", "missing"),
      self: refused("self", "self", "loops"),
      "loop-a": refused("loop-a", "loop-b", "loops"),
      "to-escaping": refused("to-escaping", "out", "escapes"),
      absent: undefined,
      "absent/below": undefined,
      "plain.txt/below": undefined,
      "to-directory/absent": undefined,
      "PLAIN.TXT": undefined,
      "..": undefined,
      "../secret/key": undefined,
      "../root/plain.txt": undefined,
      "deep/../../secret/key": undefined,
      "to-directory/../plain.txt": file("plain.txt", 5),
      "./deep//er/": { kind: "directory", path: "deep/er" },
      "plain.txt/": undefined,
      "deep\0er": undefined,
    };
    const seen = Object.keys(cases).map((path) => [path, tree.stat(path)]);
    expect(Object.fromEntries(seen)).toEqual(cases);
    const kindOf = (node: object | undefined): unknown =>
      node !== undefined && "kind" in node ? node.kind : undefined;
    const ofKind = (kind: string): readonly string[] =>
      Object.keys(cases).filter((path) => kindOf(cases[path]) === kind);
    expect(Object.keys(cases).filter((path) => tree.read(path) !== undefined)).toEqual(ofKind("file"));
    expect(Object.keys(cases).filter((path) => tree.list(path) !== undefined)).toEqual(ofKind("directory"));
  });

  it("lists names sorted by code unit with what they are before links are followed", () => {
    using home = temporaryHome();
    for (const name of ["b", "a", "B", "é", "10", "9"]) home.write(`root/${name}`, "");
    mkdirSync(home.path("root/c"));
    symlinkSync("c", home.path("root/d"));
    makePipe(home.path("root/pipe"));
    const tree = openDirectoryTree(home.path("root"));
    expect(tree.list("")?.map((entry) => `${entry.name} ${entry.kind}`)).toEqual([
      "10 file",
      "9 file",
      "B file",
      "a file",
      "b file",
      "c directory",
      "d link",
      "pipe other",
      "é file",
    ]);
    expect([tree.stat("pipe"), tree.read("pipe"), tree.list("pipe")]).toEqual([undefined, undefined, undefined]);
  });

  it("reads bytes as they are and says which file may be executed", () => {
    using home = temporaryHome();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    chmodSync(home.write("root/run", bytes), 0o755);
    home.write("root/empty", "");
    const tree = openDirectoryTree(home.path("root"));
    expect(Buffer.compare(tree.read("run") ?? new Uint8Array(), bytes)).toBe(0);
    expect(tree.read("empty")).toHaveLength(0);
    expect(tree.stat("run")).toEqual({ kind: "file", path: "run", bytes: 70_000, executable: true });
  });

  it("refuses a file above the caller's limit, and above 64 MB when the caller names none", () => {
    using home = temporaryHome();
    home.write("root/five", "12345");
    truncateSync(home.write("root/large", ""), 64 * 1024 * 1024 + 1);
    const tree = openDirectoryTree(home.path("root"));
    expect(tree.read("five", 5)).toHaveLength(5);
    expect(() => tree.read("five", 4)).toThrow(expect.objectContaining({ code: "E_LIMIT_FILE", where: "five" }));
    expect(() => tree.read("large")).toThrow(expect.objectContaining({ code: "E_LIMIT_FILE" }));
  });

  it("reads nothing outside when a file or a directory becomes a link after it was listed", () => {
    using home = temporaryHome();
    home.write("secret/key", "outside");
    home.write("root/key", "inside");
    home.write("root/folder/key", "inside");
    const tree = openDirectoryTree(home.path("root"));
    expect([tree.stat("key")?.kind, tree.stat("folder/key")?.kind]).toEqual(["file", "file"]);
    rmSync(home.path("root/key"));
    symlinkSync("../secret/key", home.path("root/key"));
    renameSync(home.path("root/folder"), home.path("moved"));
    symlinkSync("../secret", home.path("root/folder"));
    expect([tree.read("key"), tree.read("folder/key")]).toEqual([undefined, undefined]);
  });

  it("does not block when a file becomes a pipe after it was listed", () => {
    using home = temporaryHome();
    home.write("root/file", "inside");
    const tree = openDirectoryTree(home.path("root"));
    expect(tree.stat("file")?.kind).toBe("file");
    rmSync(home.path("root/file"));
    makePipe(home.path("root/file"));
    expect(tree.read("file")).toBeUndefined();
  });

  it("follows forty links in a row and refuses one more", () => {
    using home = temporaryHome();
    home.write("root/l0", "end");
    for (let index = 1; index <= 41; index += 1) symlinkSync(`l${index - 1}`, home.path(`root/l${index}`));
    const tree = openDirectoryTree(home.path("root"));
    expect([tree.stat("l41"), tree.stat("l40")]).toEqual([refused("l41", "l40", "loops"), file("l0", 3)]);
  });

  it("says so when the directory is absent or a file", () => {
    using home = temporaryHome();
    writeFileSync(home.path("file"), "");
    const open = (name: string) => (): unknown => openDirectoryTree(home.path(name));
    expect(open("absent")).toThrow(expect.objectContaining({ code: "E_NOT_FOUND" }));
    expect(open("file")).toThrow(expect.objectContaining({ code: "E_NOT_FOUND" }));
    expect(open("file/below")).toThrow(expect.objectContaining({ code: "E_NOT_FOUND" }));
  });

  it("opens a root that is itself reached through a link", () => {
    using home = temporaryHome();
    home.write("root/file", "inside");
    symlinkSync("root", home.path("door"));
    expect(openDirectoryTree(home.path("door")).stat("file")).toEqual(file("file", 6));
    expect(openDirectoryTree("/").stat("etc")).toEqual({ kind: "directory", path: "etc" });
  });
});
