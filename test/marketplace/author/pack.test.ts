import { chmodSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { pack, type Package } from "../../../marketplace/author/pack/pack.ts";
import { refuseSecrets } from "../../../marketplace/author/pack/secrets.ts";
import { isCodedError } from "../../../schemas/errors.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const MANIFEST = '{"name": "p", "version": "1.0.0", "description": "d", "author": {"name": "A"}}';

function packed(directory: string, allowed: readonly string[] = []): Promise<Package> {
  return pack({
    directory,
    openTree: openDirectoryTree,
    fallbackName: "p",
    allowed,
    announcementsOf: () => Promise.reject(new Error("the plugin has no code")),
  });
}

function write(home: TemporaryHome, folder: string, files: Readonly<Record<string, string>>): string {
  home.write(`${folder}/.claude-plugin/plugin.json`, MANIFEST);
  for (const [path, text] of Object.entries(files)) home.write(`${folder}/${path}`, text);
  return home.path(folder);
}

describe("a package", () => {
  it("has the same bytes wherever and with whatever modes and times its files were written", async () => {
    using home = temporaryHome();
    const files = {
      "skills/s/SKILL.md": "---\nname: s\ndescription: d\n---\n",
      "bin/run": "#!/bin/sh\n",
      LICENSE: "MIT",
    };
    const [first, second] = [write(home, "one", files), home.path("else/where/two")];
    write(home, "else/where/two", Object.fromEntries(Object.entries(files).toReversed()));
    chmodSync(`${first}/bin/run`, 0o777);
    chmodSync(`${second}/bin/run`, 0o700);
    chmodSync(`${second}/LICENSE`, 0o600);
    utimesSync(`${second}/LICENSE`, 1, 1);
    const [one, two] = [await packed(first), await packed(second)];
    expect(one.files.map(({ path, executable, why }) => [path, executable, why])).toEqual([
      [".claude-plugin/plugin.json", false, "manifest"],
      ["LICENSE", false, "for people"],
      ["bin/run", true, "bin `run`"],
      ["skills/s/SKILL.md", false, "skill `s`"],
    ]);
    expect(Buffer.from(one.archive).equals(two.archive)).toBe(true);
    expect([one.digest, one.tree]).toEqual([two.digest, two.tree]);
    home.write("one/LICENSE", "other");
    expect((await packed(first)).tree).not.toBe(two.tree);
  });

  it("leaves out what is ignored, made by tools, or leads elsewhere, and says why", async () => {
    using home = temporaryHome();
    home.write("repository/.gitignore", "*.log\n!keep.log\n/p/secret/\n");
    mkdirSync(home.path("repository/.git"));
    const directory = write(home, "repository/p", {
      ".gitignore": "build/\n",
      ".pluginignore": "*.psd\n",
      "sub/.gitignore": "!x.log\n",
      "x.log": "",
      "keep.log": "",
      "sub/x.log": "",
      "secret/a": "",
      "build/a": "",
      "a.psd": "",
      "tests/a.yaml": "cases: []\n",
      "tests/prompts.yaml": "routing:\n  - { prompt: say hello, fires: greet }\n",
      "tests/a.jsonl": "",
      "sub/tests/a.yaml": "",
      "node_modules/a/index.js": "",
      ".DS_Store": "",
      "p-1.0.0.tgz": "",
      "notes.md~": "",
    });
    home.write("outside", "");
    symlinkSync("../../outside", `${directory}/out`);
    symlinkSync("keep.log", `${directory}/in`);
    symlinkSync("sub", `${directory}/folder`);
    const { files, leftOut } = await packed(directory);
    expect(files.map(({ path }) => path)).toEqual([
      ".claude-plugin/plugin.json",
      "in",
      "keep.log",
      "sub/tests/a.yaml",
      "sub/x.log",
      "tests/prompts.yaml",
    ]);
    expect(Object.fromEntries(leftOut.map(({ path, why }) => [path, why]))).toEqual({
      ".DS_Store": "made by the desktop",
      ".gitignore": "for the repository",
      ".pluginignore": "for `plugin pack`",
      "a.psd": "ignored by .pluginignore",
      "build/": "ignored by .gitignore",
      folder: "a link to a folder",
      "node_modules/": "installed by whoever needs it",
      "notes.md~": "left over by an editor",
      out: "a link out of the plugin",
      "p-1.0.0.tgz": "an archive",
      "secret/": "ignored by ../.gitignore",
      "sub/.gitignore": "for the repository",
      "tests/a.jsonl": "test cases",
      "tests/a.yaml": "test cases",
      "x.log": "ignored by ../.gitignore",
    });
  });

  it("is not made of what does not validate", async () => {
    using home = temporaryHome();
    const wrong = write(home, "wrong", { ".mcp.json": "{" });
    await expect(packed(wrong)).rejects.toMatchObject({ code: "E_MANIFEST" });
  });

  it("has no secret in it, unless its author says that it is none", async () => {
    using home = temporaryHome();
    const directory = write(home, "p", { ".env": "A=b", "a.txt": `x\nghp_${"a".repeat(36)}` });
    await expect(packed(directory)).rejects.toMatchObject({
      code: "E_SECRET",
      message: "`.env` looks like a file of environment variables\n`a.txt:2` looks like a GitHub token",
      data: { files: [".env", "a.txt"] },
    });
    expect((await packed(directory, [".env", "a.txt"])).files).toHaveLength(3);
    home.write("p/.gitignore", ".env\na.txt\n");
    expect((await packed(directory)).files).toHaveLength(1);
  });
});

describe("a secret", () => {
  const repeated = (length: number): string => "aB3".repeat(length).slice(0, length);
  it.each([
    [".env", "", true],
    ["deep/.env.production", "", true],
    [".env.example", "", false],
    ["id_ed25519", "", true],
    ["key.p12", "", true],
    [".npmrc", "", true],
    ["credentials.json", "", true],
    ["credentials.md", "", false],
    ["a.pem", `-----BEGIN ${"RSA "}PRIVATE KEY-----`, true],
    ["a.pem", "-----BEGIN CERTIFICATE-----", false],
    ["a.md", `AKIA${"A".repeat(16)}`, true],
    ["a.md", `github_pat_${repeated(50)}`, true],
    ["a.md", `glpat-${repeated(20)}`, true],
    ["a.md", `npm_${repeated(36)}`, true],
    ["a.md", `sk-ant-${repeated(30)}`, true],
    ["a.md", `xoxb-${repeated(24)}`, true],
    ["a.md", `AIza${repeated(35)}`, true],
    ["a.md", "npm_config_registry and sk-ant-your-key", false],
    ["a.bin", `\u0000npm_${repeated(36)}`, false],
  ])("is seen in %s with %s: %s", (path, text, secret) => {
    const look = (): boolean => {
      try {
        refuseSecrets([{ path, bytes: Buffer.from(text) }], []);
        return false;
      } catch (error) {
        if (isCodedError(error) && error.code === "E_SECRET") return true;
        throw error;
      }
    };
    expect(look()).toBe(secret);
  });
});
