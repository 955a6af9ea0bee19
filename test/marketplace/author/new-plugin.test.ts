import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { requireEmpty, writeNew } from "../../../marketplace/author/new-plugin.ts";
import { checkNewName } from "../../../marketplace/author/plugin-name.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { temporaryHome } from "../../support/temporary-home.ts";

function hintFor(name: string, what: "plugin" | "marketplace" = "plugin"): string | undefined {
  try {
    checkNewName(name, what, (corrected) => corrected);
    return undefined;
  } catch (error) {
    if (!isCodedError(error) || error.code !== "E_NAME") throw error;
    return error.hint;
  }
}

describe("the name of a new plugin", () => {
  it.each(["tidy", "a", "release-notes-2", "clauded"])("may be `%s`", (name) => {
    expect(hintFor(name)).toBeUndefined();
  });

  it.each([
    ["My Plugin", "my-plugin"],
    ["myPlugin", "my-plugin"],
    ["Caf\u00E9_au.lait", "cafe-au-lait"],
    ["../etc/passwd", "etc-passwd"],
    ["-x-", "x"],
    ["claude-tools", "tools"],
    ["claude", "my-plugin"],
    ["con", "con-plugin"],
    ["constructor", "constructor-plugin"],
    ["\u65E5\u672C", "my-plugin"],
    ["", "my-plugin"],
    ["a".repeat(70), "a".repeat(64)],
  ])("is corrected from `%s` to `%s`", (name, corrected) => {
    expect(hintFor(name)).toBe(`\`${corrected}\``);
    expect(hintFor(corrected)).toBeUndefined();
  });

  it("is not one that stands for a place when it names a marketplace too", () => {
    expect(hintFor("local")).toBeUndefined();
    expect(hintFor("local", "marketplace")).toBe("`local-plugin`");
    expect(hintFor("npm", "marketplace")).toBe("`npm-plugin`");
  });
});

describe("the folder of a new plugin", () => {
  it("may be absent, empty, or a fresh repository", () => {
    using home = temporaryHome();
    mkdirSync(home.path("empty"));
    mkdirSync(home.path("repository/.git"), { recursive: true });
    for (const name of ["absent", "empty", "repository"]) requireEmpty(home.path(name), name);
  });

  it("may hold nothing else, and may not be a file", () => {
    using home = temporaryHome();
    home.write("full/notes.txt", "mine");
    home.write("file", "mine");
    for (const [name, words] of [
      ["full", "`full` is not empty: it holds `notes.txt`"],
      ["file", "`file` is a file"],
    ] as const) {
      expect(() => requireEmpty(home.path(name), name)).toThrow(words);
    }
  });

  it("keeps what appears in it while it is written", () => {
    using home = temporaryHome();
    home.write("plugin/README.md", "mine");
    expect(() => writeNew(home.path("plugin"), new Map([["README.md", "ours"]]))).toThrow("appeared while");
    expect(readFileSync(home.path("plugin/README.md"), "utf8")).toBe("mine");
  });

  it("is as before when one of its files cannot be written", () => {
    using home = temporaryHome();
    home.write("plugin/.git/HEAD", "ref");
    // A file stands where a folder has to be.
    const files = new Map([
      ["skills/greet/SKILL.md", "a"],
      ["LICENSE", "b"],
      ["LICENSE/more", "c"],
    ]);
    expect(() => writeNew(home.path("plugin"), files)).toThrow("LICENSE/more");
    expect(readdirSync(home.path("plugin"))).toEqual([".git"]);
    expect(() => writeNew(home.path("new/plugin"), files)).toThrow("LICENSE/more");
    expect(readdirSync(home.directory)).toEqual(["plugin"]);
  });
});
