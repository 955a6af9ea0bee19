import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { isCodedError } from "../../../schemas/errors.ts";
import { catalogText, entryOf, MarketBench, offerOf, pluginFiles, textsOf } from "./market-bench.ts";

const CATALOG = ".claude-plugin/marketplace.json";

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
});
afterEach(async () => {
  await bench.stop();
});

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isCodedError(error)) return error.code;
    throw error;
  }
  return "no error";
}

describe("versions of a plugin in its marketplace's repository", () => {
  it("are the release tags and the current copy, newest first", async () => {
    bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", { a: "./plugins/a" }),
          ...pluginFiles("plugins/a", { name: "a", version: "1.0.0" }),
        },
        tags: ["a--v1.0.0"],
      },
      {
        files: pluginFiles("plugins/a", { name: "a", version: "1.1.0" }),
        annotated: ["a--v1.1.0"],
        tags: ["a--vnonsense", "b--v9.0.0", "v7.0.0"],
      },
      { files: pluginFiles("plugins/a", { name: "a", version: "2.0.0" }) },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const offers = await sources.offers(snapshot, entryOf(snapshot, "a"));
    expect(offers.map(({ version, current }) => [version, current])).toEqual([
      ["2.0.0", true],
      ["1.1.0", false],
      ["1.0.0", false],
    ]);
  });

  it("are listed, and nothing is fetched, by a process that finds the files here", async () => {
    bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", { a: "./plugins/a" }),
          ...pluginFiles("plugins/a", { name: "a", version: "1.0.0" }),
        },
      },
    ]);
    const first = bench.open();
    const { snapshot } = await first.catalogs.add(bench.source("market"));
    await first.sources.offers(snapshot, entryOf(snapshot, "a"));
    bench.server.requests.length = 0;
    const again = bench.open();
    const offers = await again.sources.offers(await again.catalogs.get("m"), entryOf(snapshot, "a"));
    expect(offers.map(({ version }) => version)).toEqual(["1.0.0"]);
    // What the server can do, the tags, and whether this still is the repository that it was.
    expect(bench.server.requests.map(({ method }) => method)).toEqual(["GET", "POST", "POST"]);
  });

  it("hold the bytes of the tag although the folder moved since", async () => {
    const [first] = bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", { a: "./old/a" }),
          ...pluginFiles("old/a", { name: "a", version: "1.1.0" }),
        },
        tags: ["a--v1.1.0"],
      },
      {
        files: {
          [CATALOG]: catalogText("m", { a: "./new/place/a" }),
          "old/a/.claude-plugin/plugin.json": undefined,
          "old/a/skills/note/SKILL.md": undefined,
          ...pluginFiles("new/place/a", { name: "a", version: "2.0.0" }),
        },
      },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const entry = entryOf(snapshot, "a");
    const offer = offerOf(await sources.offers(snapshot, entry), "1.1.0");
    expect(offer.source).toEqual({
      kind: "git",
      url: bench.server.url("market"),
      commit: first,
      path: "old/a",
      tag: "a--v1.1.0",
    });
    const [opened] = await sources.open([{ snapshot, entry, offer }]);
    expect(opened?.entry.source).toEqual({ kind: "relative", path: "old/a" });
    expect(textsOf(opened!.tree)).toEqual({
      ".claude-plugin/plugin.json": JSON.stringify({ name: "a", version: "1.1.0" }),
      "skills/note/SKILL.md": "---\nname: note\ndescription: From old/a 1.1.0\n---\n",
    });
    expect(textsOf(await sources.openLocked(offer.source, "a@m"))).toEqual(textsOf(opened!.tree));
  });

  it("let the tag win over a current copy of the same version", async () => {
    const [tagged] = bench.repository("market").commit([
      {
        files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "1.0.0" }) },
        tags: ["a--v1.0.0"],
      },
      { files: { "a/README.md": "changed without a new version" } },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const offers = await sources.offers(snapshot, entryOf(snapshot, "a"));
    expect(offers).toHaveLength(1);
    expect(offers[0]).toMatchObject({ version: "1.0.0", current: true, source: { commit: tagged } });
  });

  it("say which one the marketplace offers now although a newer tag exists", async () => {
    bench.repository("market").commit([
      {
        files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "1.0.0" }) },
        tags: ["a--v1.0.0", "a--v2.0.0-rc.1"],
      },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const offers = await sources.offers(snapshot, entryOf(snapshot, "a"));
    expect(offers.map(({ version, current }) => [version, current])).toEqual([
      ["2.0.0-rc.1", false],
      ["1.0.0", true],
    ]);
  });

  it("have the first digits of the commit when nothing names a version", async () => {
    const [head] = bench
      .repository("market")
      .commit([{ files: { [CATALOG]: catalogText("m", { a: "./a" }), "a/skills/x/SKILL.md": "x" } }]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    expect(await sources.offers(snapshot, entryOf(snapshot, "a"))).toMatchObject([
      { version: head?.slice(0, 12), unversioned: true, current: true },
    ]);
  });

  it("keep the locked commit when the tag is moved", async () => {
    const repository = bench.repository("market");
    const [first] = repository.commit([
      {
        files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "1.0.0" }) },
        tags: ["a--v1.0.0"],
      },
    ]);
    const before = bench.open();
    const { snapshot } = await before.catalogs.add(bench.source("market"));
    const offer = offerOf(await before.sources.offers(snapshot, entryOf(snapshot, "a")), "1.0.0");
    const [second] = repository.commit([{ files: { "a/extra.md": "other bytes" }, tags: ["a--v1.0.0"] }]);
    const after = bench.open();
    const moved = offerOf(await after.sources.offers(await after.catalogs.get("m"), entryOf(snapshot, "a")), "1.0.0");
    expect(offer.source).toMatchObject({ commit: first });
    expect(moved.source).toMatchObject({ commit: second });
    const elsewhere = bench.open({ home: "teammate" });
    expect(Object.keys(textsOf(await elsewhere.sources.openLocked(offer.source, "a@m")))).not.toContain("extra.md");
  });
});

describe("versions of a plugin in a local marketplace", () => {
  it("are the tags of the work tree around it and the files as they lie there", async () => {
    const repository = bench.workTree("local");
    const [first] = repository.commit([
      {
        files: {
          [`sub/${CATALOG}`]: catalogText("m", { a: "./a" }),
          ...pluginFiles("sub/a", { name: "a", version: "1.0.0" }),
        },
        tags: ["a--v1.0.0"],
      },
      {
        files: {
          [`sub/${CATALOG}`]: catalogText("m", { a: "./moved/a" }),
          ...pluginFiles("sub/moved/a", { name: "a", version: "2.0.0" }),
        },
      },
    ]);
    repository.checkOut();
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add({ kind: "directory", path: `${repository.directory}/sub` });
    const entry = entryOf(snapshot, "a");
    const offers = await sources.offers(snapshot, entry);
    expect(offers.map(({ version, source }) => [version, source.kind])).toEqual([
      ["2.0.0", "directory"],
      ["1.0.0", "git"],
    ]);
    const old = offerOf(offers, "1.0.0");
    expect(old.source).toMatchObject({ commit: first, path: "sub/a", tag: "a--v1.0.0" });
    const [opened, current] = await sources.open(offers.toReversed().map((offer) => ({ snapshot, entry, offer })));
    expect(textsOf(opened!.tree)[".claude-plugin/plugin.json"]).toBe(JSON.stringify({ name: "a", version: "1.0.0" }));
    expect(textsOf(current!.tree)[".claude-plugin/plugin.json"]).toBe(JSON.stringify({ name: "a", version: "2.0.0" }));
    expect(textsOf(await sources.openLocked(old.source, "a@m"))).toEqual(textsOf(opened!.tree));
  });
});

describe("a repository with a hundred thousand tags", () => {
  it("RS05: offers the newest five thousand versions", async () => {
    const repository = bench.workTree("tagged");
    const [commit] = repository.commit([
      { files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "9.9.9" }) } },
    ]);
    repository.checkOut();
    // As a repository with so many tags is: git looks at the object of every tag, and a loose one is a file to open each time.
    repository.git(["repack", "-adq"]);
    const lines = Array.from({ length: 100_000 }, (_, index) => `${commit} refs/tags/a--v1.0.${index}\n`).toSorted();
    writeFileSync(
      join(repository.directory, ".git/packed-refs"),
      `# pack-refs with: peeled fully-peeled sorted \n${lines.join("")}`,
    );
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add({ kind: "directory", path: repository.directory });
    const offers = await sources.offers(snapshot, entryOf(snapshot, "a"));
    expect(offers).toHaveLength(5_001);
    expect(offers.slice(0, 3).map((offer) => offer.version)).toEqual(["9.9.9", "1.0.99999", "1.0.99998"]);
  });
});

describe("sources outside the marketplace", () => {
  it.each([
    { name: "a repository of its own", source: (url: string) => ({ source: "url", url }), files: "", path: "" },
    {
      name: "a directory of a repository",
      source: (url: string) => ({ source: "git-subdir", url, path: "deep/p" }),
      files: "deep/p",
      path: "deep/p",
    },
    {
      name: "a repository with a needless `path`",
      source: (url: string) => ({ source: "url", url, path: "deep/p" }),
      files: "",
      path: "",
    },
    {
      name: "a repository with a needed `path`",
      source: (url: string) => ({ source: "url", url, path: "deep/p" }),
      files: "deep/p",
      path: "deep/p",
    },
  ])("can be $name", async ({ source, files, path }) => {
    bench
      .repository("own")
      .commit([
        { files: pluginFiles(files, { name: "p", version: "3.0.0" }), tags: ["p--v3.0.0"] },
        { files: { ...pluginFiles(files, { name: "p", version: "3.1.0" }), "deep/p/x": "" } },
      ]);
    bench
      .repository("market")
      .commit([{ files: { [CATALOG]: catalogText("m", { p: source(bench.server.url("own")) }) } }]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const entry = entryOf(snapshot, "p");
    bench.server.reset();
    const offers = await sources.offers(snapshot, entry);
    expect(offers.map((offer) => offer.version)).toEqual(
      ["3.1.0", "3.0.0"].slice(0, path === "deep/p" || files === "" ? 2 : 1),
    );
    expect(offers[0]?.source).toMatchObject({ path });
    const [opened] = await sources.open([{ snapshot, entry, offer: offers[0]! }]);
    expect(textsOf(opened!.tree)[".claude-plugin/plugin.json"]).toContain("3.1.0");
    expect(bench.server.requests.length).toBeLessThanOrEqual(5);
  });

  it("GT09: install exactly the pinned commit and offer nothing newer", async () => {
    const [, pinned] = bench
      .repository("own")
      .commit([
        { files: pluginFiles("", { name: "p", version: "1.0.0" }), tags: ["p--v1.0.0"] },
        { files: pluginFiles("", { name: "p", version: "1.5.0" }) },
        { files: pluginFiles("", { name: "p", version: "2.0.0" }), tags: ["p--v2.0.0"] },
      ]);
    bench.repository("market").commit([
      {
        files: {
          [CATALOG]: catalogText("m", {
            p: { source: "url", url: bench.server.url("own"), sha: pinned, ref: "main" },
          }),
        },
      },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const offers = await sources.offers(snapshot, entryOf(snapshot, "p"));
    expect(offers.map(({ version, source }) => [version, source.kind === "git" && source.commit === pinned])).toEqual([
      ["1.5.0", true],
      ["1.0.0", false],
    ]);
  });

  it("GT09: install the pinned commit although a tag claims its version", async () => {
    const [pinned] = bench
      .repository("own")
      .commit([
        { files: pluginFiles("", { name: "p", version: "1.0.0" }) },
        { files: { "other.md": "other bytes" }, tags: ["p--v1.0.0"] },
      ]);
    const source = { source: "url", url: bench.server.url("own"), sha: pinned };
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", { p: source }) } }]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const offers = await sources.offers(snapshot, entryOf(snapshot, "p"));
    expect(offers).toMatchObject([{ version: "1.0.0", current: true, source: { commit: pinned } }]);
  });

  it("are refused by name when they are of an unknown kind", async () => {
    const source = { source: "carrier-pigeon" };
    bench.repository("market").commit([{ files: { [CATALOG]: catalogText("m", { p: source }) } }]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    expect(await codeOf(() => sources.offers(snapshot, entryOf(snapshot, "p")))).toBe("E_SOURCE_UNSUPPORTED");
  });
});
