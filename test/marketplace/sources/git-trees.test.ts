import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isCodedError } from "../../../schemas/errors.ts";
import { deflateSync } from "node:zlib";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { FixtureFile, FixtureRepository } from "../../support/git-repository.ts";
import { catalogText, entryOf, MarketBench, pluginFiles, textsOf } from "./market-bench.ts";
import { GitRunner } from "../../../marketplace/sources/git-runner.ts";
import { ObjectReader } from "../../../marketplace/sources/object-reader.ts";
import type { OpenedOffer } from "../../../marketplace/sources/offer.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
});
afterEach(async () => {
  await bench.stop();
});

async function openPlugin(market = "market"): Promise<OpenedOffer> {
  const { catalogs, sources } = bench.open();
  const { snapshot } = await catalogs.add(bench.source(market));
  const entry = entryOf(snapshot, "a");
  const offers = await sources.offers(snapshot, entry);
  const [opened] = await sources.open([{ snapshot, entry, offer: offers[0]! }]);
  return opened!;
}

function market(files: Readonly<Record<string, FixtureFile>>): void {
  bench.repository("market").commit([
    {
      files: {
        [CATALOG]: catalogText("m", { a: "./a" }),
        ...pluginFiles("a", { name: "a", version: "1.0.0" }),
        ...files,
      },
    },
  ]);
}

/** Adds a loose object as a hostile server could hold it; git's own commands would refuse to write such a tree. */
function plant(repository: FixtureRepository, type: "tree" | "commit", body: Buffer): string {
  const whole = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body]);
  const oid = createHash("sha1").update(whole).digest("hex");
  const file = join(repository.directory, "objects", oid.slice(0, 2), oid.slice(2));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, deflateSync(whole));
  return oid;
}

describe("a tree out of a repository", () => {
  it("GT22: keeps bytes, the executable bit and links inside the plugin, whatever .gitattributes says", async () => {
    market({
      "a/.gitattributes": "* text=auto ident export-subst eol=crlf\n",
      "a/text.txt": "one\r\ntwo\n$Id$ $Format:%H$\n",
      "a/binary": new Uint8Array([0, 255, 10, 13]),
      "a/bin/run": { executable: "#!/bin/sh\n" },
      "a/alias": { link: "skills/note" },
      "a/skills/again/SKILL.md": { link: "../../alias/SKILL.md" },
    });
    const { tree, diagnostics } = await openPlugin();
    expect(diagnostics).toEqual([]);
    expect(new TextDecoder().decode(tree.read("text.txt"))).toBe("one\r\ntwo\n$Id$ $Format:%H$\n");
    expect([...(tree.read("binary") ?? [])]).toEqual([0, 255, 10, 13]);
    expect(tree.stat("bin/run")).toMatchObject({ executable: true, bytes: 10 });
    expect(tree.stat("text.txt")).toMatchObject({ executable: false });
    expect(tree.list("")?.find((entry) => entry.name === "alias")?.kind).toBe("link");
    expect(tree.stat("alias/SKILL.md")).toMatchObject({ kind: "file", path: "skills/note/SKILL.md" });
    expect(tree.stat("skills/again/SKILL.md")).toMatchObject({ kind: "file", path: "skills/note/SKILL.md" });
  });

  it("copies what a link reaches elsewhere in the marketplace", async () => {
    market({
      "shared/guide.md": "shared guide",
      "shared/deep/more.md": { link: "../guide.md" },
      "a/guide.md": { link: "../shared/guide.md" },
      "a/shared": { link: "../shared" },
    });
    const { tree, diagnostics } = await openPlugin();
    expect(diagnostics).toEqual([]);
    expect(textsOf(tree)).toMatchObject({
      "guide.md": "shared guide",
      "shared/guide.md": "shared guide",
      "shared/deep/more.md": "shared guide",
    });
    expect(tree.list("")?.find((entry) => entry.name === "shared")?.kind).toBe("directory");
  });

  it.each([
    { name: "an absolute path", target: "/etc/passwd", reason: "escapes" },
    { name: "a path above the repository", target: "../../etc/passwd", reason: "escapes" },
    { name: "git's own files", target: "../.git/config", reason: "missing" },
    { name: "nothing", target: "nowhere", reason: "missing" },
    { name: "the directory that holds the plugin", target: "..", reason: "loops" },
    { name: "itself", target: "link", reason: "missing" },
  ])("never follows a link to $name", async ({ target, reason }) => {
    market({ "a/link": { link: target } });
    const { tree, diagnostics } = await openPlugin();
    expect(tree.stat("link")).toMatchObject({ kind: "refused-link", reason });
    expect(tree.read("link")).toBeUndefined();
    expect(diagnostics).toMatchObject([
      { severity: "warning", file: "link", code: reason === "escapes" ? "E_PATH_ESCAPE" : "W_LINK_BROKEN" },
    ]);
  });

  it("GT05, GT14: leaves submodules, bare repositories and LFS pointers alone and says so", async () => {
    market({
      "a/.gitmodules": '[submodule "x"]\n\tpath = x\n\turl = --upload-pack=touch pwned\n',
      "a/x": { submodule: "1234567890123456789012345678901234567890" },
      "a/big.bin": "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n",
      "a/nested/HEAD": "ref: refs/heads/main\n",
      "a/nested/config": "[core]\n\tfsmonitor = touch pwned\n",
    });
    const { tree, diagnostics } = await openPlugin();
    expect(diagnostics.map((found) => [found.code, found.file]).toSorted()).toEqual([
      ["W_LFS_POINTER", "big.bin"],
      ["W_SUBMODULE", "x"],
    ]);
    expect(tree.stat("x")).toBeUndefined();
    expect(textsOf(tree)["nested/HEAD"]).toBe("ref: refs/heads/main\n");
  });

  it.each([".git", ".GIT", "git~1", ".git ", ".git.", ".git::$INDEX_ALLOCATION", ".g\u200cit", "..", "a\\b"])(
    "is refused whole when it holds the name %j",
    async (name) => {
      market({ "a/inner/x": "" });
      const repository = bench.repository("market");
      const blob = repository.git(["rev-parse", "main:a/inner/x"]);
      const names = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, "hex")]);
      const inner = plant(repository, "tree", names);
      const entries = ["a", ".claude-plugin"].map(
        (path) => [path, path === "a" ? inner : repository.git(["rev-parse", `main:${path}`])] as const,
      );
      const root = plant(
        repository,
        "tree",
        Buffer.concat(
          entries.toSorted().flatMap(([path, oid]) => [Buffer.from(`40000 ${path}\0`), Buffer.from(oid, "hex")]),
        ),
      );
      const person = "F <f@example.org> 1700000000 +0000";
      const commit = plant(
        repository,
        "commit",
        Buffer.from(`tree ${root}\nauthor ${person}\ncommitter ${person}\n\nx\n`),
      );
      writeFileSync(join(repository.directory, "refs/heads/main"), `${commit}\n`);
      const refused = await openPlugin().then(
        () => "nothing",
        (error: unknown) => (isCodedError(error) ? error.code : String(error)),
      );
      expect(refused).toBe("E_ARCHIVE_PATH");
    },
  );
});

describe("reading a repository that expands", () => {
  it.each([
    { name: "one file is too large", sizes: [1_001], code: "E_LIMIT_FILE" },
    { name: "all files together are too large", sizes: [900, 900, 900], code: "E_LIMIT_SIZE" },
    { name: "nothing is", sizes: [900, 900, 200], code: "nothing" },
  ])("stops where $name, and goes on with the next question", async ({ sizes, code }) => {
    const repository = bench.repository("large");
    repository.commit([
      { files: Object.fromEntries(sizes.map((size, index) => [`f${index}`, String(index).repeat(size)])) },
    ]);
    const environment = { PATH: process.env["PATH"], HOME: bench.directory };
    const runner = new GitRunner({ directory: bench.directory, environment, signal: new AbortController().signal });
    const reader = new ObjectReader(runner, repository.directory, 1_000);
    const names = sizes.map((_, index) => `main:f${index}`);
    const refused = await reader.read(names, 2_000).then(
      () => "nothing",
      (error: unknown) => (isCodedError(error) ? error.code : String(error)),
    );
    expect(refused).toBe(code);
    expect((await reader.read(["main^{tree}", "main:absent"])).map((found) => found?.type)).toEqual([
      "tree",
      undefined,
    ]);
    reader.close();
  });
});

describe("a server with other abilities", () => {
  it.each([
    { name: "refuses filters", switches: { config: ["uploadpack.allowFilter=false"] } },
    { name: "speaks the old protocol, which refuses ids", switches: { oldProtocol: true } },
    {
      name: "refuses both",
      switches: { oldProtocol: true, config: ["uploadpack.allowFilter=false", "uploadpack.allowAnySHA1InWant=false"] },
    },
    {
      name: "allows filters but no ids",
      switches: { oldProtocol: true, config: ["uploadpack.allowAnySHA1InWant=false"] },
    },
  ])("that $name delivers the same trees", async ({ switches }) => {
    const [, pinned] = bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", { a: "./a" }),
          ...pluginFiles("a", { name: "a", version: "1.0.0" }),
          "a/large.txt": "x".repeat(70_000),
        },
        tags: ["a--v1.0.0"],
      },
      { files: pluginFiles("a", { name: "a", version: "1.1.0" }) },
      { files: pluginFiles("a", { name: "a", version: "2.0.0" }) },
    ]);
    Object.assign(bench.server.switches, switches);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const entry = entryOf(snapshot, "a");
    const offers = await sources.offers(snapshot, entry);
    expect(offers.map((offer) => offer.version)).toEqual(["2.0.0", "1.0.0"]);
    const opened = await sources.open(offers.map((offer) => ({ snapshot, entry, offer })));
    expect(opened.map(({ tree }) => tree.read("large.txt")?.length)).toEqual([70_000, 70_000]);
    const locked = await bench
      .open({ home: "other" })
      .sources.openLocked({ kind: "git", url: bench.server.url("market"), commit: pinned!, path: "a" }, "a@m");
    expect(textsOf(locked)[".claude-plugin/plugin.json"]).toContain("1.1.0");
  });

  it("GT09: that never had the pinned commit is named", async () => {
    market({});
    const source = {
      kind: "git",
      url: bench.server.url("market"),
      commit: "0123456789012345678901234567890123456789",
      path: "a",
    } as const;
    const refused = await bench
      .open()
      .sources.openLocked(source, "a@m")
      .then(
        () => "nothing",
        (error: unknown) => (isCodedError(error) ? error.code : String(error)),
      );
    expect(refused).toBe("E_GIT_PIN");
  });
});
