import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GitServer } from "../support/git-server.ts";
import { type Place } from "../support/machine.ts";
import { placeHere, underPolicyHere } from "../support/machine-here.ts";
import { type TaggedMarket, taggedMarket } from "../support/tagged-market.ts";

const ANN = { home: "ann", cwd: "project" };
const BEN = { home: "ben", cwd: "clone" };

interface Scene {
  readonly at: Place;
  readonly corp: TaggedMarket;
  readonly other: TaggedMarket;
}

/** A project with `fmt@corp`, and a marketplace `other` with a plugin of the same name. */
async function scene(): Promise<Scene> {
  const at = placeHere();
  const corp = taggedMarket("corp", at.path("corp.git"));
  const other = taggedMarket("other", at.path("other.git"));
  corp.release({ fmt: { version: "1.0.0" } });
  other.release({ fmt: { version: "1.0.0", skills: ["sneak"] } });
  for (const name of ["project", "elsewhere", "clone"]) mkdirSync(at.path(name, ".git"), { recursive: true });
  await at.ok(["marketplace", "add", corp.url], ANN);
  await at.ok(["add", "fmt@corp", "--scope", "project"], ANN);
  return { at, corp, other };
}

type Lock = { readonly plugins: Record<string, Record<string, unknown>> };

function lockIn(at: Place, project: string): Lock {
  // Written by the command under test.
  return JSON.parse(readFileSync(at.path(project, "plugins.lock"), "utf8")) as Lock;
}

/** Gives the second person the project with a lock that takes `fmt@corp` from elsewhere. */
function forge(at: Place, plugin: Readonly<Record<string, unknown>>): void {
  cpSync(at.path("project"), at.path("clone"), { recursive: true });
  const lock = lockIn(at, "project");
  lock.plugins["fmt@corp"] = { ...plugin };
  writeFileSync(at.path("clone/plugins.lock"), JSON.stringify(lock, undefined, 2));
}

/** What a lock would say of a plugin of `other`. */
async function foreignPlugin({ at, other }: Scene): Promise<Readonly<Record<string, unknown>>> {
  const eve = { home: "eve", cwd: "elsewhere" };
  await at.ok(["marketplace", "add", other.url], eve);
  await at.ok(["add", "fmt@other", "--scope", "project"], eve);
  return lockIn(at, "elsewhere").plugins["fmt@other"] ?? {};
}

/** What a lock would say of a folder of the project itself. */
async function folderPlugin({ at }: Scene): Promise<Readonly<Record<string, unknown>>> {
  at.write("elsewhere/evil/.claude-plugin/plugin.json", JSON.stringify({ name: "fmt", version: "1.0.0" }));
  at.write("elsewhere/evil/skills/sneak/SKILL.md", "---\nname: sneak\ndescription: Sneaks.\n---\n\nSneak.\n");
  await at.ok(["add", "./evil", "--scope", "project"], { home: "eve", cwd: "elsewhere" });
  cpSync(at.path("elsewhere/evil"), at.path("project/evil"), { recursive: true });
  const plugin = lockIn(at, "elsewhere").plugins["fmt@local"] ?? {};
  expect(plugin["source"]).toEqual({ kind: "directory", path: "./evil" });
  return plugin;
}

describe("a lock that takes a plugin from where its marketplace does not offer it", () => {
  it.each([
    ["a folder of the project", folderPlugin],
    ["another repository", foreignPlugin],
  ])("is refused: %s", async (_what, make) => {
    const all = await scene();
    using at = all.at;
    forge(at, await make(all));
    await at.ok(["marketplace", "add", all.corp.url], BEN);
    for (const words of [
      ["sync", "--trust-workspace"],
      ["sync", "--trust-workspace", "--frozen"],
      ["sync", "--trust-workspace", "--offline"],
    ]) {
      const said = await at.fails(3, [...words, "--yes"], BEN);
      expect(said).toContain("E_SOURCE_BLOCKED");
      expect(said).toContain("fmt@corp");
      expect(said).toContain("plugins.lock");
    }
    // Bytes that the store holds already are no excuse.
    cpSync(at.path("eve/store"), at.path("ben/store"), { recursive: true });
    await at.fails(3, ["sync", "--trust-workspace", "--frozen", "--yes"], BEN);
    expect(at.generation("ben")).toBeUndefined();
    // A machine that does not know the marketplace yet learns about it first.
    await at.fails(3, ["sync", "--trust-workspace", "--yes"], { ...BEN, home: "carl" });
  });

  it("is said to be so where the catalog is not known, and trusted by no policy", async () => {
    const all = await scene();
    using at = all.at;
    forge(at, await foreignPlugin(all));
    expect(await at.ok(["sync", "--trust-workspace", "--frozen", "--dry-run"], BEN)).toContain("other.git");
    expect(await at.ok(["sync", "--trust-workspace", "--frozen", "--yes"], BEN)).toContain("is not known here");
  });

  it("is no excuse for a folder where the catalog is not known either", async () => {
    const all = await scene();
    using at = all.at;
    forge(at, await folderPlugin(all));
    await at.fails(3, ["sync", "--trust-workspace", "--frozen", "--yes"], BEN);
  });
});

describe("an allow list", () => {
  it.each(["inherit", "trustCatalog"])("holds against a lock (PB26, pluginSources %s)", async (pluginSources) => {
    const all = await scene();
    using at = all.at;
    const policy = { strictKnownMarketplaces: [{ source: "git", url: all.corp.url }], pluginSources };
    const run = underPolicyHere(at, policy);
    for (const make of [folderPlugin, foreignPlugin]) {
      forge(at, await make(all));
      for (const home of ["ben", "carl"]) {
        if (home === "carl") await at.run(["marketplace", "add", all.corp.url], { ...BEN, home });
        expect((await run(["sync", "--trust-workspace", "--frozen", "--yes"], { ...BEN, home })).exit).toBe(3);
        expect(at.generation(home)).toBeUndefined();
      }
    }
    forge(at, lockIn(at, "project").plugins["fmt@corp"] ?? {});
    expect((await run(["sync", "--trust-workspace", "--frozen", "--yes"], BEN)).exit).toBe(0);
  });
});

describe("a plugin that its marketplace offers from another repository", () => {
  it("comes from there, also where the copy of the catalog is older than the lock", async () => {
    const { at, corp } = await scene();
    using _ = at;
    const server = await GitServer.start(at.directory);
    await at.ok(["marketplace", "add", corp.url], BEN);
    const source = { source: "git-subdir", url: server.url("other.git"), path: "plugins/fmt" };
    corp.release({ fmt: { version: "1.0.0" }, far: { entry: { source } } }, []);
    await at.ok(["marketplace", "update"], ANN);
    await at.ok(["add", "far@corp", "--scope", "project"], ANN);
    cpSync(at.path("project"), at.path("clone"), { recursive: true });
    await at.fails(3, ["sync", "--trust-workspace", "--frozen", "--offline"], BEN);
    const printed = await at.ok(["sync", "--trust-workspace", "--frozen"], BEN);
    expect(printed).not.toContain("not known here");
    expect(at.holds("clone", "ben")).toHaveLength(2);
    // What is installed stays what it was, wherever the catalog points next.
    corp.release({ fmt: { version: "1.0.0" } }, []);
    await at.ok(["marketplace", "update"], BEN);
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
    await server.stop();
  });
});
