import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { Store } from "../../../marketplace/store/store.ts";
import type { AddTreeOptions, StagedTree, Staging } from "../../../marketplace/store/staging.ts";
import type { FileTree } from "../../../schemas/formats/file-tree.ts";
import { calm, listedTree, Scratch, type Content } from "./scratch.ts";

let scratch: Scratch;
let staging: Staging;

beforeEach(() => {
  scratch = new Scratch();
  staging = new Store(scratch.home).stage(calm());
});
afterEach(() => scratch.remove());

function add(files: Readonly<Record<string, Content>>, options?: AddTreeOptions): StagedTree {
  return staging.addTree(scratch.tree(files), options);
}

function codeOf(tree: FileTree, options?: AddTreeOptions): string {
  try {
    staging.addTree(tree, options);
    return "taken";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}

describe("member names", () => {
  it.each([
    ["AX13 backslash", "..\\evil.txt"],
    ["AX13 backslash inside", "a\\..\\..\\evil.txt"],
    ["AX14 drive", "C:evil.txt"],
    ["AX14 drive and backslash", "C:\\evil.txt"],
    ["AX14 UNC", "\\\\server\\share\\x"],
    ["AX14 device path", "\\??\\C:\\x"],
    ["AX15 reserved", "CON"],
    ["AX15 reserved with extension", "nul.txt"],
    ["AX15 reserved, spaces before the dot", "aux  .md"],
    ["AX15 reserved port", "com1.md"],
    ["AX15 reserved superscript port", "LPT²"],
    ["AX15 trailing dot", "readme."],
    ["AX15 trailing space", "readme "],
    ["AX15 control character", "a\u0001b"],
    ["AX15 newline", "a\nb"],
    ["AX15 question mark", "what?.md"],
    ["AX15 pipe", "a|b"],
    ["AX16 git hook", ".git/hooks/post-checkout"],
    ["AX16 git in capitals", ".GIT/config"],
    ["AX16 git short name", "git~1/config"],
    ["AX16 git with a joiner", ".g\u200cit/config"],
    ["GT13 git with a trailing space", ".git /config"],
    ["GT13 git stream", ".git::$INDEX_ALLOCATION/config"],
    ["GT13 nested git", "sub/.git/config"],
    ["GT13 full-width git", "．git/config"],
  ])("%s is refused", (_row, path) => {
    expect(codeOf(scratch.tree({ [path]: "x" }))).toBe("E_ARCHIVE_PATH");
  });

  it("that is no UTF-8 is refused", () => {
    const root = scratch.write({ ok: "" });
    execFileSync("sh", ["-c", 'touch "$0/$(printf "a\\377b")"', root]);
    expect(codeOf(openDirectoryTree(root))).toBe("E_ARCHIVE_PATH");
  });

  it.each([
    "context.md",
    "console",
    "nullable.ts",
    "com10.txt",
    ".gitignore",
    ".github/x",
    ".gitmodules",
    "git~x",
    "a b.md",
    "日本語.md",
    "naïve.md",
    ".hidden",
    "...x",
    "a'b(c)[d]{e}&f;g$h",
  ])("`%s` is taken", (path) => {
    expect(codeOf(scratch.tree({ [path]: "x" }))).toBe("taken");
  });

  it.each([
    ["AX09 case", "Readme.md", "README.md"],
    ["AX09 case of directories", "Docs/a", "docs/b"],
    ["AX09 a file and a directory", "Docs", "docs/b"],
    ["AX10 NFC and NFD", "caf\u00e9.md", "cafe\u0301.md"],
    ["AX10 sharp s", "stra\u00dfe", "STRASSE"],
    ["AX10 ligature", "\ufb01le", "FILE"],
    ["AX10 final sigma", "\u03bf\u03c3", "\u03bf\u03c2"],
    ["invisible character", "a\u00adb", "ab"],
  ])("%s: two names that are one somewhere are refused", (_row, left, right) => {
    expect(codeOf(scratch.tree({ [left]: "1", [right]: "2" }))).toBe("E_ARCHIVE_PATH");
  });

  it("AX11, AX12: a name that occurs twice is refused", () => {
    const file = { name: "x", kind: "file" } as const;
    expect(codeOf(listedTree([file, file]))).toBe("E_ARCHIVE_PATH");
    expect(codeOf(listedTree([file, { name: "x", kind: "directory" }]))).toBe("E_ARCHIVE_PATH");
    expect(codeOf(listedTree([{ name: "a/../../x", kind: "file" }]))).toBe("E_ARCHIVE_PATH");
    expect(codeOf(listedTree([{ name: "..", kind: "file" }]))).toBe("E_ARCHIVE_PATH");
  });

  it("are shown with what is invisible in them escaped", () => {
    expect(() => add({ "a\u001b[31mb": "x" })).toThrow("`a\\u{1b}[31mb`");
  });

  it("that the caller leaves out are not judged", () => {
    const { members } = add({ ".git/config": "x", "plugin.json": "{}" }, { skip: (path) => path === ".git" });
    expect(members.map(({ path }) => path)).toEqual(["plugin.json"]);
  });
});

describe("limits", () => {
  it("AX18: more than 20,000 members are refused before they are read", () => {
    let asked = 0;
    const entries = Array.from({ length: 1_000_000 }, (_, index) => ({ name: `f${index}`, kind: "file" as const }));
    const tree = listedTree(entries);
    expect(codeOf({ ...tree, read: (path) => ((asked += 1), tree.read(path)) })).toBe("E_LIMIT_ENTRIES");
    expect(asked).toBe(20_000);
  });

  it("AX19: a file above the limit is refused, by the limit given too", () => {
    expect(codeOf(scratch.tree({ a: "12345" }), { limits: { fileBytes: 4 } })).toBe("E_LIMIT_FILE");
    expect(codeOf(listedTree([{ name: "a", kind: "file" }], "x".repeat(65 * 1024 * 1024)))).toBe("E_LIMIT_FILE");
  });

  it("the files together are limited", () => {
    expect(codeOf(scratch.tree({ a: "123", b: "456" }), { limits: { totalBytes: 5 } })).toBe("E_LIMIT_SIZE");
  });

  it("AX20: a path that is too deep, too long, or has too long a name is refused", () => {
    const deep = scratch.write({ ok: "" });
    execFileSync("sh", ["-c", 'cd "$0"; i=0; while [ $i -lt 200 ]; do mkdir d; cd d; i=$((i+1)); done', deep]);
    expect(codeOf(openDirectoryTree(deep))).toBe("E_LIMIT_PATH");
    expect(codeOf(scratch.tree({ [`${"n".repeat(200)}/`.repeat(6) + "x"]: "" }))).toBe("E_LIMIT_PATH");
    expect(codeOf(listedTree([{ name: "é".repeat(150), kind: "file" }]))).toBe("E_LIMIT_PATH");
  });
});

describe("members that are no files", () => {
  it("a pipe is refused", () => {
    const root = scratch.write({ ok: "" });
    execFileSync("mkfifo", [join(root, "pipe")]);
    expect(codeOf(openDirectoryTree(root))).toBe("E_ARCHIVE_TYPE");
  });

  it("an empty directory leaves no trace", () => {
    const root = scratch.write({ a: "1" });
    mkdirSync(join(root, "empty/inner"), { recursive: true });
    const staged = staging.addTree(openDirectoryTree(root));
    expect(staged.digest).toBe(add({ a: "1" }).digest);
    expect(readdirSync(staged.directory)).toEqual(["a"]);
  });

  it("a file that vanishes while it is copied ends the copy", () => {
    const tree = listedTree([{ name: "a", kind: "file" }]);
    expect(codeOf({ ...tree, read: () => undefined })).toBe("E_IO");
  });
});

describe("links", () => {
  it("that stay inside are kept, relative and without detours", () => {
    const { directory, diagnostics, members } = add({
      "shared/x.md": "x",
      "skills/a/x.md": { link: "../../shared/../shared/x.md" },
      "skills/b": { link: "./a" },
      chain: { link: "skills/b/x.md" },
    });
    expect(diagnostics).toEqual([]);
    expect(["skills/a/x.md", "skills/b", "chain"].map((path) => readlinkSync(join(directory, path)))).toEqual([
      "../../shared/x.md",
      "a",
      "shared/x.md",
    ]);
    expect(members.filter(({ kind }) => kind === "link")).toHaveLength(3);
  });

  it.each<[string, Record<string, Content>, string]>([
    ["an absolute one", { a: { link: "/etc/passwd" } }, "leaves the plugin's directory"],
    ["one that climbs out", { "d/a": { link: "../../x" } }, "leaves the plugin's directory"],
    ["one that climbs out and comes back", { a: { link: "../source-1/ok" } }, "leaves the plugin's directory"],
    ["one to nothing", { a: { link: "nowhere" } }, "points to nothing that the plugin contains"],
    ["one to itself", { a: { link: "a" } }, "leads back to a directory that it lies in"],
    ["one to its own directory", { "d/f": "", "d/a": { link: "." } }, "leads back to a directory that it lies in"],
    ["one to the root", { "d/f": "", "d/a": { link: ".." } }, "leads back to a directory that it lies in"],
    ["one to an empty directory's place", { "d/a": { link: "../e" }, "e/f": { link: "gone" } }, "points to nothing"],
  ])("%s is left out with a located warning", (_what, files, reason) => {
    const { members, diagnostics } = add({ ok: "", ...files });
    expect(members.some(({ kind }) => kind === "link")).toBe(false);
    expect(diagnostics[0]).toMatchObject({ code: "E_PATH_ESCAPE", severity: "warning", dropped: "link" });
    expect(diagnostics[0]?.message).toContain(reason);
    expect(diagnostics[0]?.file).toBeDefined();
  });

  it("GT12: one into `.git` is left out although its target exists", () => {
    const { members } = add(
      { ok: "", ".git/config": "x", a: { link: ".git/config" } },
      { skip: (path) => path === ".git" },
    );
    expect(members.map(({ path }) => path)).toEqual(["ok"]);
  });

  it("two that lead into each other: the second is left out", () => {
    const { members, diagnostics } = add({
      "a/f": "",
      "b/f": "",
      "a/x": { link: "../b" },
      "b/y": { link: "../a" },
    });
    expect(members.map(({ path }) => path)).toEqual(["a/f", "a/x", "b/f"]);
    expect(diagnostics).toHaveLength(1);
  });

  it("that would be left out refuse the tree when the caller says so", () => {
    expect(codeOf(scratch.tree({ ok: "", a: { link: "/etc/passwd" } }), { refuseLinks: true })).toBe("E_PATH_ESCAPE");
  });
});
