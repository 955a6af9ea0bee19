import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { pluginFiles, type FixturePlugin } from "../support/plugin-files.ts";

/** Writes a plugin folder. */
function folder(at: Place, directory: string, name: string, plugin: FixturePlugin = {}): void {
  for (const [path, text] of Object.entries(pluginFiles(name, plugin))) at.write(`${directory}/${path}`, text);
}

describe("a plugin added by path", () => {
  it("is installed as it lies there, and `update` picks up edits", async () => {
    using at = placeHere();
    folder(at, "mine", "mine", { version: "1.0.0" });
    await at.ok(["add", "./mine"]);
    expect(at.holds("user")).toEqual(["mine@local 1.0.0"]);
    const first = at.root("user")?.plugins[0]?.tree;
    expect(await at.ok(["update"])).toContain("nothing to do");
    expect(await at.ok(["outdated"])).toContain("everything is as new");
    at.write("mine/skills/mine/SKILL.md", "---\nname: mine\ndescription: Does more.\n---\n\nDo more.\n");
    expect(await at.ok(["outdated"])).toContain("other bytes under the same version");
    // Until it is asked for, the installed copy is the old one.
    expect(at.root("user")?.plugins[0]?.tree).toBe(first);
    await at.ok(["list", "--check"]);
    expect(await at.ok(["update", "mine"])).toContain("reinstalled");
    expect(at.root("user")?.plugins[0]?.tree).not.toBe(first);
    folder(at, "mine", "mine", { version: "1.1.0" });
    expect(await at.ok(["update"])).toContain("1.0.0 -> 1.1.0");
  });

  it("is refused (GT19) from a folder that everybody may write, also when it became one", async () => {
    using at = placeHere();
    folder(at, "mine", "mine", { version: "1.0.0" });
    chmodSync(at.path("mine"), 0o777);
    for (const words of [
      ["add", "./mine"],
      ["add", "./mine", "--dry-run"],
    ]) {
      expect(await at.fails(3, words)).toContain("everybody on this machine may write");
    }
    expect(at.root("user")).toBeUndefined();
    chmodSync(at.path("mine"), 0o755);
    await at.ok(["add", "./mine"]);
    chmodSync(at.path("mine"), 0o777);
    folder(at, "mine", "mine", { version: "2.0.0" });
    expect(await at.fails(3, ["update"])).toContain("everybody on this machine may write");
    // What is installed is a copy of before.
    await at.ok(["sync"]);
    await at.ok(["remove", "mine"]);
  });

  it("is the same in everybody's clone of the project, and --frozen refuses changed content", async () => {
    using at = placeHere();
    mkdirSync(at.path("project/.git"), { recursive: true });
    folder(at, "project/tools/mine", "mine", { version: "1.0.0" });
    await at.ok(["add", "./tools/mine", "--scope", "project"], { cwd: "project" });
    for (const file of ["plugins.json", "plugins.lock"])
      expect(readFileSync(at.path("project", file), "utf8")).not.toContain(at.directory);
    cpSync(at.path("project"), at.path("clone"), { recursive: true });
    const ben = { home: "ben", cwd: "clone" };
    await at.ok(["sync", "--frozen"], ben);
    expect(at.root("clone", "ben")?.plugins[0]?.tree).toBe(at.root("project")?.plugins[0]?.tree);
    expect(at.root("clone", "ben")?.plugins[0]?.source).toEqual({
      kind: "directory",
      path: at.path("clone/tools/mine"),
    });
    at.write("clone/tools/mine/skills/mine/SKILL.md", "---\nname: mine\ndescription: Other.\n---\n\nOther.\n");
    const carl = { home: "carl", cwd: "clone" };
    const said = await at.fails(1, ["sync", "--frozen"], carl);
    expect(said).toContain("E_INTEGRITY");
    expect(said).toContain("plugin update mine@local");
    expect(at.root("clone", "carl")).toBeUndefined();
  });

  it("MF09: may depend on plugins of marketplaces, unless the name is ambiguous", async () => {
    using at = placeHere();
    for (const name of ["acme", "other"]) {
      await at.ok([
        "marketplace",
        "add",
        at.market({ name, plugins: { kit: { version: "1.0.0" }, [`only-${name}`]: { version: "1.2.0" } } }),
      ]);
    }
    folder(at, "mine", "mine", { dependencies: [{ name: "only-acme", version: "^1.0.0" }, "kit@other"] });
    await at.ok(["add", "./mine"]);
    expect(at.holds("user")).toEqual(["kit@other 1.0.0", "mine@local unknown", "only-acme@acme 1.2.0"]);
    folder(at, "vague", "vague", { dependencies: ["kit"] });
    const before = homeDigests(at.path("home"));
    const said = await at.fails(4, ["add", "./vague"]);
    expect(said).toContain("`kit` is offered by `acme` and `other`");
    expect(said).toContain("kit@acme");
    expect(homeDigests(at.path("home"))).toEqual(before);
    folder(at, "lost", "lost", { dependencies: ["nowhere"] });
    expect(await at.fails(4, ["add", "./lost"])).toContain("nowhere");
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it.each([
    ["a path that is missing", "./gone", "E_NOT_FOUND"],
    ["a file", "./file.txt", "E_NOT_FOUND"],
    ["a marketplace", "./acme", "is a marketplace, not a plugin"],
    ["a folder that holds no plugin", "./empty", "E_MANIFEST"],
  ])("is not %s", async (_name, path, says) => {
    using at = placeHere();
    at.market({ name: "acme", plugins: { kit: {} } });
    at.write("file.txt", "");
    at.write("empty/README.md", "nothing");
    const before = homeDigests(at.path("home"));
    expect(await at.fails(1, ["add", path])).toContain(says);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it("goes on working when its folder is gone, and says so when it is updated", async () => {
    using at = placeHere();
    folder(at, "mine", "mine", { version: "1.0.0" });
    folder(at, "yours", "yours", { version: "1.0.0" });
    await at.ok(["add", "./mine", "./yours"]);
    rmSync(at.path("mine"), { recursive: true });
    await at.ok(["list", "--check"]);
    expect(await at.ok(["sync"])).toContain("nothing to do");
    expect(await at.ok(["sync", "--frozen"])).toContain("nothing to do");
    const before = homeDigests(at.path("home"));
    const said = await at.fails(1, ["update", "mine"]);
    expect(said).toContain("does not exist");
    expect(said).toContain("plugin remove mine@local");
    expect(homeDigests(at.path("home"))).toEqual(before);
    await at.ok(["remove", "mine"]);
    expect(at.holds("user")).toEqual(["yours@local 1.0.0"]);
  });
});
