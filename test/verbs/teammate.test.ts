import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { relative } from "node:path";
import { describe, expect, it } from "vitest";
import { fileDigests, homeDigests } from "../support/file-digests.ts";
import { GitServer } from "../support/git-server.ts";
import { hookFiles, type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { type TaggedMarket, taggedMarket } from "../support/tagged-market.ts";

const v = (version: string) => ({
  tool: { version, dependencies: [{ name: "kit", version: "*" }], files: hookFiles(version[0]) },
  kit: { version },
});

/** A project in which one person added `tool`, cloned for a second person after newer releases came out. */
async function clone(
  urlOf: (directory: string) => string = (directory) => `file://${directory}`,
  directory?: string,
): Promise<{ readonly at: Place; readonly market: TaggedMarket }> {
  const at = placeHere();
  const market = taggedMarket("acme", directory ?? at.path("acme.git"));
  market.release(v("1.0.0"));
  mkdirSync(at.path("project", ".git"), { recursive: true });
  await at.ok(["marketplace", "add", urlOf(market.repository.directory)], ANN);
  await at.accept(["add", "tool@acme", "--scope", "project"], ANN);
  market.release(v("1.1.0"));
  pull(at);
  return { at, market };
}

const ANN = { home: "ann", cwd: "project" };
const BEN = { home: "ben", cwd: "clone" };

/** What version control would bring to the second person. */
function pull(at: Place): void {
  mkdirSync(at.path("clone", ".git"), { recursive: true });
  for (const file of ["plugins.json", "plugins.lock"]) cpSync(at.path("project", file), at.path("clone", file));
}

const trees = (at: Place, root: string, home: string) =>
  at.root(root, home)?.plugins.map(({ id, version, tree, manifest }) => ({ id, version, tree, manifest }));

const lockOf = (at: Place, project: string): string => readFileSync(at.path(project, "plugins.lock"), "utf8");

describe("a teammate who clones the project", () => {
  it("gets exactly the locked set by `sync`, and the marketplace with it", async () => {
    const { at } = await clone();
    using _ = at;
    expect(await at.fails(3, ["sync", "--trust-workspace"], BEN)).toContain("--accept sha256-");
    const printed = await at.accept(["sync", "--trust-workspace"], BEN);
    expect(printed).toContain("added the marketplace `acme`");
    expect(trees(at, "clone", "ben")).toEqual(trees(at, "project", "ann"));
    expect(trees(at, "clone", "ben")).toHaveLength(2);
    for (const { tree } of at.root("clone", "ben")?.plugins ?? [])
      expect(fileDigests(at.path("ben/store/trees", tree))).toEqual(fileDigests(at.path("ann/store/trees", tree)));
    expect(lockOf(at, "clone")).toBe(lockOf(at, "project"));
    expect(await at.ok(["marketplace", "list"], BEN)).toContain("acme");
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("nothing to do");
  });

  it("is asked before the machine goes where only the project leads, by every verb that would", async () => {
    const { at, market } = await clone();
    using _ = at;
    // Whoever went there would tell that it is gone.
    renameSync(market.repository.directory, at.path("away.git"));
    const before = homeDigests(at.path("ben"));
    const address = `file://${market.repository.directory}`;
    for (const words of [
      ["sync"],
      ["sync", "--frozen"],
      ["sync", "--dry-run", "--yes"],
      ["add", "kit@acme", "--scope", "project", "--yes"],
    ]) {
      const said = await at.fails(3, words, BEN);
      expect(said).toContain(address);
      expect(said).toContain("`--trust-workspace` lets this command go there");
    }
    const { error } = JSON.parse((await at.run(["sync", "--json"], BEN)).stdout) as { readonly error: unknown };
    const where = at.path("clone/plugins.json");
    expect(error).toMatchObject({
      code: "E_TRUST",
      data: { project: at.path("clone"), places: [{ name: "acme", address, where }] },
    });
    expect(homeDigests(at.path("ben"))).toEqual(before);
    expect(await at.ok(["audit", "query", "--action", "use places"], BEN)).toContain("denied");
  });

  it("is not asked where the project is trusted, or the marketplace is a person's own", async () => {
    const { at, market } = await clone();
    using _ = at;
    await at.ok(["trust"], BEN);
    await at.accept(["sync"], BEN);
    // What it brought is known from then on.
    await at.ok(["trust", "--revoke"], BEN);
    expect(await at.ok(["sync"], BEN)).toContain("nothing to do");
    const carl = { home: "carl", cwd: "clone" };
    await at.ok(["marketplace", "add", `file://${market.repository.directory}`], carl);
    await at.accept(["sync", "--frozen"], carl);
    const offer = { acme: { source: { source: "git", url: `file://${market.repository.directory}` } } };
    const dora = { home: "dora", cwd: "clone" };
    at.write("dora/settings.json", JSON.stringify({ extraKnownMarketplaces: offer }));
    await at.accept(["sync", "--frozen"], dora);
    expect(await at.ok(["sync"], dora)).toContain("added the marketplace `acme`");
  });

  it("gets it by `sync --frozen` too, which CI implies", async () => {
    const { at } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace", "--frozen"], BEN);
    await at.accept(["sync", "--trust-workspace"], { ...BEN, home: "carl", env: { CI: "true" } });
    for (const home of ["ben", "carl"]) expect(trees(at, "clone", home)).toEqual(trees(at, "project", "ann"));
  });

  it("keeps the marketplace that a later `sync` brings, although nothing else is to do", async () => {
    const { at } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace", "--frozen"], BEN);
    expect(await at.ok(["sync", "--trust-workspace", "--dry-run"], BEN)).toContain("would add the marketplace `acme`");
    expect(await at.ok(["marketplace", "list"], BEN)).toContain("no marketplace");
    expect(await at.ok(["sync", "--trust-workspace"], BEN)).toContain("added the marketplace `acme`");
    expect(await at.ok(["marketplace", "list"], BEN)).toContain("acme");
  });

  it("gets it without the network when the store has everything", async () => {
    const server = placeHere();
    const git = await GitServer.start(server.directory);
    const { at } = await clone((market) => git.url(relative(server.directory, market)), server.path("acme.git"));
    using _ = at;
    await at.accept(["sync", "--trust-workspace", "--frozen"], BEN);
    await git.stop();
    server[Symbol.dispose]();
    for (const [home, words] of [
      ["carl", ["sync", "--trust-workspace", "--offline"]],
      ["dora", ["sync", "--trust-workspace", "--frozen", "--offline"]],
      ["eve", ["sync", "--trust-workspace"]],
    ] as const) {
      cpSync(at.path("ben/store"), at.path(home, "store"), { recursive: true });
      // What was found out about the trees can be found out again.
      if (home !== "carl") rmSync(at.path(home, "store/index"));
      await at.accept(words, { ...BEN, home });
      expect(trees(at, "clone", home)).toEqual(trees(at, "project", "ann"));
    }
  });

  it("is refused by `--frozen` when intent and lock disagree, and nothing changes", async () => {
    const { at } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace"], BEN);
    const intent = readFileSync(at.path("clone/plugins.json"), "utf8");
    const before = [homeDigests(at.path("ben")), lockOf(at, "clone")];
    for (const changed of [
      intent.replace('"tool@acme": "*"', '"tool@acme": "^2.0.0"'),
      intent.replace('"tool@acme": "*"', '"tool@acme": "*", "kit2@acme": "*"'),
      intent.replace('"tool@acme": "*"', '"kit@acme": "*"'),
    ]) {
      expect(changed).not.toBe(intent);
      writeFileSync(at.path("clone/plugins.json"), changed);
      expect(await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN)).toContain("E_FROZEN");
      expect(await at.fails(1, ["sync", "--trust-workspace"], { ...BEN, env: { CI: "true" } })).toContain("E_FROZEN");
      expect([homeDigests(at.path("ben")), lockOf(at, "clone")]).toEqual(before);
      expect(readFileSync(at.path("clone/plugins.json"), "utf8")).toBe(changed);
    }
  });

  it("is never given another marketplace of the same name", async () => {
    const { at } = await clone();
    using _ = at;
    const other = taggedMarket("acme", at.path("other.git"));
    other.release(v("9.0.0"));
    await at.ok(["marketplace", "add", other.url], BEN);
    const before = homeDigests(at.path("ben"));
    for (const words of [
      ["sync", "--trust-workspace"],
      ["sync", "--trust-workspace", "--frozen"],
      ["add", "kit@acme", "--scope", "project"],
    ]) {
      const said = await at.fails(1, words, BEN);
      expect(said).toContain("E_MARKETPLACE_EXISTS");
      expect(said).toContain("plugin marketplace remove acme");
      expect(homeDigests(at.path("ben"))).toEqual(before);
    }
  });

  it("keeps a marketplace that is known under the name that its own catalog gives", async () => {
    const { at } = await clone();
    using _ = at;
    for (const file of ["plugins.json", "plugins.lock"]) {
      const path = at.path("clone", file);
      writeFileSync(path, readFileSync(path, "utf8").replaceAll("acme", "umbra").replaceAll("umbra.git", "acme.git"));
    }
    await at.ok(["marketplace", "add", `file://${at.path("acme.git")}`], BEN);
    await at.run(["sync", "--trust-workspace"], BEN);
    expect(await at.ok(["marketplace", "list"], BEN)).toContain("acme");
  });
});

describe("a lock that was pulled", () => {
  it("is what `sync` installs, and until then nothing acts on the old set in silence", async () => {
    const { at } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace"], BEN);
    await at.accept(["update", "--scope", "project"], ANN);
    pull(at);
    const before = homeDigests(at.path("ben"));
    for (const words of [
      ["enable", "tool"],
      ["disable", "tool"],
      ["remove", "tool"],
      ["rollback", "--scope", "project"],
    ]) {
      const said = await at.fails(1, words, BEN);
      expect(said).toContain("E_STALE");
      expect(said).toContain("plugin sync");
      expect(homeDigests(at.path("ben"))).toEqual(before);
    }
    for (const words of [["list"], ["info", "tool"], ["why", "kit"], ["outdated"]]) {
      const { exit, stderr } = await at.run(words, BEN);
      expect({ words, exit, stderr }).toEqual({ words, exit: 0, stderr: expect.stringContaining("plugin sync") });
      const { document } = await at.json(words, BEN);
      expect(JSON.stringify(document)).toContain("E_STALE");
    }
    // Other places have nothing to do with it.
    expect((await at.run(["list"], { home: "ben" })).stderr).toBe("");
    await at.accept(["sync", "--trust-workspace"], BEN);
    expect(trees(at, "clone", "ben")).toEqual(trees(at, "project", "ann"));
    expect((await at.run(["list"], BEN)).stderr).toBe("");
  });

  it("that holds the markers of a merge is solved anew by `sync` and refused by the others", async () => {
    const { at } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace"], BEN);
    const good = lockOf(at, "clone");
    const conflicted = good.replace(
      '      "version": "1.0.0"',
      '<<<<<<< ours\n      "version": "1.0.0"\n=======\n      "version": "1.1.0"\n>>>>>>> theirs',
    );
    writeFileSync(at.path("clone/plugins.lock"), conflicted);
    const before = homeDigests(at.path("ben"));
    for (const words of [
      ["disable", "tool"],
      ["remove", "tool"],
      ["update", "--scope", "project"],
      ["rollback", "--scope", "project"],
      ["add", "kit@acme", "--scope", "project"],
      ["sync", "--trust-workspace", "--frozen"],
    ]) {
      const said = await at.fails(1, words, BEN);
      expect(said).toContain("plugin sync");
      expect(said).toContain("merge");
      expect(lockOf(at, "clone")).toBe(conflicted);
    }
    expect(homeDigests(at.path("ben"))).toEqual(before);
    expect((await at.run(["list"], BEN)).stderr).toContain("plugin sync");
    const said = await at.accept(["sync", "--trust-workspace"], BEN);
    expect(said).toContain("conflict markers");
    expect(lockOf(at, "clone")).not.toContain("<<<<");
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
  });
});

describe("a private pick", () => {
  it("stays out of the repository and leaves the shared versions as they are", async () => {
    const { at, market } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace"], BEN);
    market.release({
      ...v("1.2.0"),
      mine: { version: "1.0.0", dependencies: ["kit", "extra"] },
      extra: { version: "1.0.0" },
    });
    const shared = fileDigests(at.path("clone"));
    await at.ok(["marketplace", "update"], BEN);
    await at.ok(["add", "mine@acme", "--scope", "local"], BEN);
    expect(readFileSync(at.path("clone/.plugsmith/local.json"), "utf8")).toContain("mine@acme");
    expect(readFileSync(at.path("clone/.plugsmith/.gitignore"), "utf8")).toBe("*\n");
    expect(fileDigests(at.path("clone"), (path) => path !== ".plugsmith")).toEqual(shared);
    const kit = trees(at, "project", "ann")?.find(({ id }) => id === "kit@acme");
    expect(trees(at, "clone", "ben")).toContainEqual(kit);
    expect(at.root("clone", "ben")?.plugins.map(({ id, scope }) => `${id} ${scope}`)).toEqual([
      "extra@acme local",
      "kit@acme project",
      "mine@acme local",
      "tool@acme project",
    ]);
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
    expect((await at.run(["list"], BEN)).stderr).toBe("");
    expect(await at.ok(["disable", "mine"], BEN)).toContain("disabled");
    expect(await at.ok(["enable", "mine"], BEN)).toContain("enabled");
    expect(await at.ok(["remove", "mine"], BEN)).toContain("removed 2 plugins");
    expect(fileDigests(at.path("clone"), (path) => path !== ".plugsmith")).toEqual(shared);
    expect(await at.ok(["sync", "--trust-workspace"], ANN)).toContain("nothing to do");
  });

  it("that needs another version of a shared plugin is refused", async () => {
    const { at, market } = await clone();
    using _ = at;
    await at.accept(["sync", "--trust-workspace"], BEN);
    market.release({ ...v("1.2.0"), mine: { version: "1.0.0", dependencies: [{ name: "kit", version: "^1.2.0" }] } });
    await at.ok(["marketplace", "update"], BEN);
    const before = [homeDigests(at.path("ben")), fileDigests(at.path("clone"))];
    const said = await at.fails(4, ["add", "mine@acme", "--scope", "local"], BEN);
    expect(said).toContain("kit@acme");
    expect([homeDigests(at.path("ben")), fileDigests(at.path("clone"))]).toEqual(before);
    expect(existsSync(at.path("clone/.plugsmith"))).toBe(false);
  });
});
