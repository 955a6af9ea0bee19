import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { hookFiles, type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const skill = (text: string) => ({
  "skills/tool/SKILL.md": `---\nname: tool\ndescription: ${text}.\n---\n\n${text}.\n`,
});

function treeOf(at: Place): string | undefined {
  return at.root("user")?.plugins.find(({ id }) => id === "tool@acme")?.tree;
}

describe("content that changed under an unchanged version", () => {
  it("in a folder marketplace is a different digest, which `outdated` tells and `update` takes", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { version: "1.0.0" }, kit: {} } })]);
    await at.ok(["add", "tool@acme"]);
    const first = treeOf(at);
    expect(await at.ok(["outdated"])).toContain("everything is as new");
    at.market({ name: "acme", plugins: { tool: { version: "1.0.0", files: skill("New") }, kit: {} } });
    expect(await at.ok(["outdated"])).toContain("other bytes under the same version");
    expect(await at.ok(["sync"])).toContain("nothing to do");
    expect(await at.ok(["add", "kit@acme"])).not.toContain("tool@acme");
    expect(treeOf(at)).toBe(first);
    expect(await at.ok(["update", "tool"])).toContain("reinstalled");
    expect(treeOf(at)).not.toBe(first);
    expect(await at.ok(["outdated"])).toContain("everything is as new");
  });

  it("in a git marketplace without tags is told from a mere new commit", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0" }, kit: { version: "1.0.0" } }, []);
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "tool@acme"]);
    const first = treeOf(at);
    market.release({ tool: { version: "1.0.0" }, kit: { version: "1.1.0" } }, []);
    await at.ok(["marketplace", "update"]);
    expect(await at.ok(["outdated"])).toContain("everything is as new");
    market.release({ tool: { version: "1.0.0", files: skill("New") }, kit: { version: "1.1.0" } }, []);
    await at.ok(["marketplace", "update"]);
    expect(await at.ok(["outdated"])).toContain("other bytes under the same version");
    expect(await at.ok(["update"])).toContain("reinstalled");
    expect(treeOf(at)).not.toBe(first);
  });

  it("behind a tag that was moved changes nothing under --frozen, and `outdated` says that it moved", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    const good = market.release({ tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "tool@acme@^1.0.0"]);
    const before = homeDigests(at.path("home"));
    market.release({ tool: { version: "1.0.0", files: skill("Moved") } });
    await at.ok(["sync", "--frozen"]);
    expect(homeDigests(at.path("home"))).toEqual(before);
    // Another machine fetches what the lock names, not what the tag names now.
    for (const file of ["plugins.json", "plugins.lock"])
      at.write(`ben/${file}`, readFileSync(at.path("home", file), "utf8"));
    await at.ok(["sync", "--frozen"], { home: "ben" });
    expect(at.root("user", "ben")?.plugins[0]).toMatchObject({ tree: treeOf(at), source: { commit: good } });
    expect(await at.ok(["outdated"])).toContain("the tag `tool--v1.0.0` was moved");
  });

  it.each([
    ["that runs nothing", {}, "1 plugin comes from a tag that was moved"],
    ["that runs something", hookFiles(), "1 plugin can run programs"],
  ])("behind a tag that was moved (GT11) needs a yes of its own, for a plugin %s", async (_what, files, reason) => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    const old = market.release({ tool: { version: "1.0.0", files } });
    await at.ok(["marketplace", "add", market.url]);
    await at.accept(["add", "tool@acme@^1.0.0"]);
    const first = treeOf(at);
    const moved = market.release({ tool: { version: "1.0.0", files: { ...files, "README.md": "moved" } } });
    const text = `the tag \`tool--v1.0.0\` was moved: it named ${old.slice(0, 12)} when it was locked and names ${moved.slice(0, 12)} now`;
    expect(await at.ok(["update", "--dry-run"])).toContain(text);
    const said = await at.fails(3, ["update", "--yes"]);
    expect(said).toContain(text);
    expect(said).toContain(reason);
    expect(treeOf(at)).toBe(first);
    expect(await at.accept(["update", "--yes"])).toContain("reinstalled");
    expect(treeOf(at)).not.toBe(first);
    // Going back, and following a lock in which somebody else said yes, asks nobody.
    await at.ok(["rollback"]);
    expect(treeOf(at)).toBe(first);
  });

  it("is not taken for the locked content when the store lost it", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { version: "1.0.0" } } })]);
    await at.ok(["add", "tool@acme"]);
    at.market({ name: "acme", plugins: { tool: { version: "1.0.0", files: skill("New") } } });
    for (const file of ["plugins.json", "plugins.lock"])
      at.write(`ben/${file}`, readFileSync(at.path("home", file), "utf8"));
    for (const words of [["sync"], ["sync", "--frozen"]])
      expect(await at.fails(1, words, { home: "ben" })).toContain("E_INTEGRITY");
    expect(at.root("user", "ben")).toBeUndefined();
  });
});

describe("an override in plugins.json", () => {
  it("replaces every range on a plugin", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    const app = { version: "1.0.0", dependencies: [{ name: "kit", version: "^1.0.0" }] };
    for (const version of ["1.0.0", "1.1.0", "2.0.0"]) market.release({ app, kit: { version } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "app@acme"]);
    expect(at.holds("user")).toEqual(["app@acme 1.0.0", "kit@acme 1.1.0"]);
    const file = at.path("home/plugins.json");
    const intent = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...intent, overrides: { "kit@acme": "2.0.0" } }));
    expect(await at.fails(1, ["sync", "--frozen"])).toContain("E_FROZEN");
    await at.ok(["sync"]);
    expect(at.holds("user")).toEqual(["app@acme 1.0.0", "kit@acme 2.0.0"]);
    await at.ok(["sync", "--frozen"]);
    await at.ok(["update"]);
    expect(at.holds("user")).toEqual(["app@acme 1.0.0", "kit@acme 2.0.0"]);
    writeFileSync(file, JSON.stringify({ ...intent, overrides: { "kit@acme": "^9.0.0" } }));
    expect(await at.fails(4, ["sync"])).toContain("kit@acme");
  });
});
