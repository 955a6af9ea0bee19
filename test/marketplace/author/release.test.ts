import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openDirectoryTree } from "../../../core/platform/disk-file-tree.ts";
import { authorPlugins } from "../../../marketplace/author/release/author-plugins.ts";
import { makeRelease } from "../../../marketplace/author/release/make-release.ts";
import { proposals, type Proposals } from "../../../marketplace/author/release/proposal.ts";
import { lockRelease } from "../../../marketplace/author/release/release-lock.ts";
import { obstacles, repositoryAround } from "../../../marketplace/author/release/repository-state.ts";
import { WorkTree } from "../../../marketplace/author/work-tree.ts";
import { FixtureRepository } from "../../support/git-repository.ts";
import { temporaryHome, type TemporaryHome } from "../../support/temporary-home.ts";

const ENVIRONMENT = { PATH: process.env["PATH"], GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
const CATALOG = `{
  "name": "acme", "owner": {"name": "A"},
  "plugins": [
    {"name": "one", "source": "./one", "version": "1.0.0"},
    {"name": "two", "source": "./plugins/two"},
    {"name": "bare", "source": "./bare", "description": "no manifest"},
    {"name": "far", "source": {"source": "github", "repo": "o/r"}}
  ]
}
`;
const ONE = '{\n  "name": "one",   "version": "1.0.0"\n}\n';
const NOTHING = { check: async () => undefined, beforeTag: async () => undefined };

function repository(home: TemporaryHome): FixtureRepository {
  const fixture = new FixtureRepository(home.path("repository"), { bare: false });
  fixture.commit([
    {
      files: {
        ".claude-plugin/marketplace.json": CATALOG,
        "one/.claude-plugin/plugin.json": ONE,
        "one/skills/a/SKILL.md": "---\nname: a\ndescription: a\n---\n",
        "plugins/two/.claude-plugin/plugin.json": '{"name": "two", "version": "0.3.0"}\n',
        "plugins/two/package.json": '{"name": "@x/two", "version": "0.3.0"}\n',
        "bare/commands/c.md": "---\ndescription: c\n---\nc\n",
      },
      annotated: ["one--v1.0.0", "one--vnext"],
      tags: ["one--v0.9.0", "two--v0.3.0", "other--v9.0.0"],
    },
  ]);
  fixture.checkOut();
  return fixture;
}

function look(home: TemporaryHome): { readonly tree: WorkTree; readonly found: Proposals } {
  const tree = repositoryAround(home.path("repository/one"), ENVIRONMENT);
  return { tree, found: proposals(tree, authorPlugins(openDirectoryTree(tree.directory), "repository")) };
}

const summary = ({ changed, unchanged }: Proposals): readonly unknown[] => [
  ...changed.map(({ plugin, from, to, level, tag }) => [plugin.name, from, to, level, tag]),
  unchanged,
];

describe("the releases of a repository", () => {
  it("are those of plugins that differ from their newest tag", () => {
    using home = temporaryHome();
    const fixture = repository(home);
    expect(summary(look(home).found)).toEqual([
      ["bare", undefined, "0.1.0", "first", "bare--v0.1.0"],
      ["one", "two"],
    ]);
    fixture.commit([
      { files: { "one/skills/b/SKILL.md": "---\nname: b\ndescription: b\n---\n", "README.md": "x" } },
      { files: { "plugins/two/.claude-plugin/plugin.json": '{"name": "two", "version": "1.0.0"}\n' } },
    ]);
    fixture.checkOut();
    expect(summary(look(home).found)).toEqual([
      ["one", "1.0.0", "1.1.0", "minor", "one--v1.1.0"],
      ["two", "0.3.0", "1.0.0", "patch", "two--v1.0.0"],
      ["bare", undefined, "0.1.0", "first", "bare--v0.1.0"],
      [],
    ]);
  });

  it("are made by edits that keep the rest, a commit and tags", async () => {
    using home = temporaryHome();
    const fixture = repository(home);
    fixture.commit([
      { files: { "one/skills/a/SKILL.md": "---\nname: a\ndescription: b\n---\n", "plugins/two/x.md": "x" } },
    ]);
    fixture.checkOut();
    const { tree, found } = look(home);
    const { commit, signed } = await makeRelease(tree, found.changed, "2026-01-02", NOTHING);
    expect([signed, fixture.git(["rev-parse", "HEAD"])]).toEqual([false, commit]);
    const text = (path: string): string => readFileSync(home.path("repository", path), "utf8");
    expect(text("one/.claude-plugin/plugin.json")).toBe(ONE.replace("1.0.0", "1.0.1"));
    expect(text("plugins/two/package.json")).toBe('{"name": "@x/two", "version": "0.3.1"}\n');
    expect(text(".claude-plugin/marketplace.json")).toBe(
      CATALOG.replace("1.0.0", "1.0.1").replace('"no manifest"}', '"no manifest", "version": "0.1.0" }'),
    );
    expect(text("bare/CHANGELOG.md")).toBe("# Changelog\n\n## 0.1.0 - 2026-01-02\n\n- first release\n");
    expect(fixture.git(["log", "-1", "--format=%s"])).toBe("release: one 1.0.1, two 0.3.1, bare 0.1.0");
    expect(fixture.git(["tag", "--points-at", "HEAD"]).split("\n")).toEqual([
      "bare--v0.1.0",
      "one--v1.0.1",
      "two--v0.3.1",
    ]);
    expect(fixture.git(["cat-file", "-t", "one--v1.0.1"])).toBe("tag");
    expect(fixture.git(["status", "--porcelain"])).toBe("?? fixture-marks");
    expect(summary(look(home).found)).toEqual([["one", "two", "bare"]]);
  });

  it("leave everything as it was when something is wrong with what would be released", async () => {
    using home = temporaryHome();
    const fixture = repository(home);
    const { tree, found } = look(home);
    const wrong = { ...NOTHING, check: () => Promise.reject(new Error("wrong")) };
    await expect(makeRelease(tree, found.changed, "2026-01-02", wrong)).rejects.toThrow("wrong");
    expect(fixture.git(["status", "--porcelain"])).toBe("?? fixture-marks");
    home.write("repository/.git/hooks/pre-commit", "#!/bin/sh\necho no >&2; exit 1\n");
    execFileSync("chmod", ["+x", home.path("repository/.git/hooks/pre-commit")]);
    await expect(makeRelease(tree, found.changed, "2026-01-02", NOTHING)).rejects.toMatchObject({ code: "E_GIT" });
    expect(fixture.git(["status", "--porcelain"])).toBe("?? fixture-marks");
  });

  it("are made one after another", () => {
    using home = temporaryHome();
    const tree = new WorkTree(repository(home).directory, ENVIRONMENT);
    const file = home.path("repository/.git/plugsmith-release");
    const first = lockRelease(tree);
    expect(() => lockRelease(tree)).toThrow(`another release runs in this repository (process ${process.pid})`);
    first[Symbol.dispose]();
    expect(existsSync(file)).toBe(false);
    // Left over by a process that was killed.
    for (const text of ["", String(execFileSync("sh", ["-c", "echo $$"])).trim()]) {
      home.write("repository/.git/plugsmith-release", text);
      using _again = lockRelease(tree);
    }
    expect(existsSync(file)).toBe(false);
  });

  it("are signed when the author signs", async () => {
    using home = temporaryHome();
    const fixture = repository(home);
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", home.path("key")]);
    for (const [key, value] of [
      ["gpg.format", "ssh"],
      ["user.signingkey", home.path("key")],
      ["tag.gpgSign", "true"],
    ] as const) {
      fixture.git(["config", key, value]);
    }
    const { tree, found } = look(home);
    expect(await makeRelease(tree, found.changed, "2026-01-02", NOTHING)).toMatchObject({ signed: true });
    expect(fixture.git(["cat-file", "tag", "bare--v0.1.0"])).toContain("BEGIN SSH SIGNATURE");
  });
});

describe("a repository", () => {
  const problems = (directory: string): readonly string[] =>
    obstacles(new WorkTree(directory, ENVIRONMENT)).map(({ problem }) => problem);

  it("is none, has no commit, or is ready", () => {
    using home = temporaryHome();
    expect(() => repositoryAround(home.directory, { ...ENVIRONMENT, GIT_CEILING_DIRECTORIES: "/" })).toThrow(
      "no git repository",
    );
    const empty = new FixtureRepository(home.path("empty"), { bare: false });
    expect(() => repositoryAround(empty.directory, ENVIRONMENT)).toThrow("has no commit");
    const fixture = repository(home);
    home.write("repository/.git/info/exclude", "fixture-marks\n");
    expect(problems(fixture.directory)).toEqual([]);
  });

  it("is not ready with changes, without a branch, before others or behind them", () => {
    using home = temporaryHome();
    const remote = new FixtureRepository(home.path("remote"));
    const fixture = repository(home);
    home.write("repository/.git/info/exclude", "fixture-marks\n");
    fixture.git(["remote", "add", "origin", remote.directory]);
    expect(problems(fixture.directory)).toEqual(["branch `main` follows none of a remote"]);
    fixture.git(["push", "--quiet", "--set-upstream", "origin", "main"]);
    expect(problems(fixture.directory)).toEqual([]);
    home.write("repository/new.txt", "");
    expect(problems(fixture.directory)).toEqual(["the work tree has changes that are not committed, e.g. `new.txt`"]);
    fixture.git(["add", "."]);
    fixture.git(["commit", "--quiet", "--message", "new"]);
    expect(problems(fixture.directory)).toEqual(["1 commit of this branch is not pushed"]);
    fixture.git(["push", "--quiet"]);
    fixture.git(["reset", "--quiet", "--hard", "HEAD~1"]);
    expect(problems(fixture.directory)).toEqual(["the remote has 1 commit that is not here"]);
    fixture.git(["checkout", "--quiet", "--detach"]);
    expect(problems(fixture.directory)).toEqual(["no branch is checked out"]);
    // What git would guess from the machine's names does not count.
    for (const [key, value] of [
      ["user.useConfigOnly", "true"],
      ["user.name", ""],
    ] as const)
      fixture.git(["config", key, value]);
    expect(problems(fixture.directory)).toContain("git does not know who you are, which a commit says");
  });
});
