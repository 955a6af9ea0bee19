import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { placeHere } from "../support/machine-here.ts";

const RENAMES = { renames: { old: "middle", middle: "fresh" } };

describe("a plugin that its marketplace renamed", () => {
  it("is found by its old name, and the new one is told", async () => {
    using at = placeHere();
    at.market({ name: "acme", plugins: { fresh: { version: "2.0.0" } }, catalog: RENAMES });
    await at.ok(["marketplace", "add", "./acme"]);
    for (const word of ["old@acme", "middle"]) {
      const name = word.split("@")[0] ?? "";
      expect(await at.ok(["add", word, "--dry-run"])).toContain(`\`${name}\` is now called \`fresh\` in \`acme\``);
    }
    await at.ok(["add", "old@acme"]);
    expect(at.holds("user")).toEqual(["fresh@acme 2.0.0"]);
    expect(readFileSync(at.path("home/plugins.json"), "utf8")).not.toContain("old@acme");
  });

  it("gets its new id by `update`, and keeps its data and what was switched off", async () => {
    using at = placeHere();
    const needs = (name: string) => ({ version: "1.0.0", dependencies: [name] });
    const skills = ["draw", "paint"];
    at.market({ name: "acme", plugins: { old: { version: "1.0.0", skills }, app: needs("old") } });
    await at.ok(["marketplace", "add", "./acme"]);
    await at.ok(["add", "old@acme", "app@acme"]);
    await at.ok(["disable", "old@acme:skill/paint"]);
    at.write("home/data/old-acme/notes.txt", "mine");
    at.market({
      name: "acme",
      plugins: { fresh: { version: "1.0.0", skills, folder: "plugins/old" }, app: needs("old") },
      catalog: RENAMES,
    });
    expect(await at.ok(["sync"])).toContain("nothing to do");
    expect(await at.ok(["outdated"])).toContain("is now called `fresh@acme`");
    const printed = await at.ok(["update"]);
    expect(printed).toContain("`old@acme` is now called `fresh@acme`");
    expect(at.holds("user")).toEqual(["app@acme 1.0.0", "fresh@acme 1.0.0"]);
    expect(readFileSync(at.path("home/data/fresh-acme/notes.txt"), "utf8")).toBe("mine");
    expect(existsSync(at.path("home/data/old-acme"))).toBe(false);
    const plugin = at.root("user")?.plugins.find(({ id }) => id === "fresh@acme");
    expect(plugin).toMatchObject({ requested: true, disabledComponents: ["skill/paint"] });
    await at.ok(["list", "--check"]);
    expect(await at.ok(["update"])).toContain("nothing to do");
    expect(await at.ok(["sync", "--frozen"])).toContain("nothing to do");
    await at.ok(["remove", "app", "fresh"]);
  });

  it("has its old id and its data again after a rollback, and the new ones after the next", async () => {
    using at = placeHere();
    at.market({ name: "acme", plugins: { old: { version: "1.0.0" }, other: { version: "1.0.0" } } });
    await at.ok(["marketplace", "add", "./acme"]);
    await at.ok(["add", "old@acme"]);
    at.write("home/data/old-acme/notes.txt", "mine");
    at.market({
      name: "acme",
      plugins: { fresh: { version: "1.0.0", folder: "plugins/old" }, other: { version: "1.0.0" } },
      catalog: RENAMES,
    });
    await at.ok(["update"]);
    await at.ok(["add", "other@acme"]);
    for (const [to, name, gone] of [
      ["1", "old", "fresh"],
      ["2", "fresh", "old"],
      ["1", "old", "fresh"],
    ] as const) {
      await at.ok(["rollback", "--to", to]);
      expect(at.holds("user")).toEqual([`${name}@acme 1.0.0`]);
      expect(readFileSync(at.path(`home/data/${name}-acme/notes.txt`), "utf8")).toBe("mine");
      expect(existsSync(at.path(`home/data/${gone}-acme`))).toBe(false);
    }
  });

  it("carries the rename to what depends on it", async () => {
    using at = placeHere();
    const plugins = { app: { version: "1.0.0", dependencies: [{ name: "old", version: "^2.0.0" }] } };
    at.market({ name: "acme", plugins: { ...plugins, fresh: { version: "2.1.0" } }, catalog: RENAMES });
    await at.ok(["marketplace", "add", "./acme"]);
    await at.ok(["add", "app@acme"]);
    expect(at.holds("user")).toEqual(["app@acme 1.0.0", "fresh@acme 2.1.0"]);
    await at.ok(["list", "--check"]);
    expect(await at.ok(["why", "fresh"])).toContain("app@acme needs fresh@acme (^2.0.0)");
  });
});

describe("a plugin that its marketplace no longer lists", () => {
  it.each([
    ["that was removed", { renames: { gone: null } }],
    ["that is just not there", {}],
  ])("MK14: %s stays installed, and `update` and `outdated` say why", async (_name, catalog) => {
    using at = placeHere();
    const kept = { kept: { version: "1.0.0", dependencies: ["gone"] } };
    at.market({ name: "acme", plugins: { ...kept, gone: { version: "1.0.0" }, other: { version: "1.0.0" } } });
    await at.ok(["marketplace", "add", "./acme"]);
    await at.ok(["add", "gone@acme", "kept@acme", "other@acme"]);
    at.market({ name: "acme", plugins: { ...kept, other: { version: "1.1.0" } }, catalog });
    expect(await at.ok(["outdated"])).toContain("delisted");
    const printed = await at.ok(["update"]);
    expect(printed).toContain("`gone@acme` stays as it is");
    expect(at.holds("user")).toEqual(["gone@acme 1.0.0", "kept@acme 1.0.0", "other@acme 1.1.0"]);
    await at.ok(["list", "--check"]);
    await at.ok(["sync", "--frozen"]);
    const before = homeDigests(at.path("home"));
    expect(await at.fails(1, ["update", "gone"])).toContain("what is installed stays");
    expect(homeDigests(at.path("home"))).toEqual(before);
    await at.ok(["disable", "kept", "gone"]);
    await at.ok(["enable", "gone"]);
    await at.ok(["remove", "kept", "gone"]);
    expect(at.holds("user")).toEqual(["other@acme 1.1.0"]);
    expect(await at.fails(1, ["add", "gone@acme"])).toContain("E_PLUGIN_UNKNOWN");
  });
});
