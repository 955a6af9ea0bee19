import { mkdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { type TaggedMarket, taggedMarket } from "../support/tagged-market.ts";

interface Crowd {
  readonly at: Place;
  readonly market: TaggedMarket;
}

const ROOTS = ["user", "one", "two"] as const;
type Root = (typeof ROOTS)[number];

/** The user and two projects, each with `tool` and its dependency at versions of their own. */
async function crowd(): Promise<Crowd> {
  const at = placeHere();
  const market = taggedMarket("acme", at.path("acme.git"));
  for (const version of ["1.0.0", "1.1.0", "2.0.0", "3.0.0"]) {
    market.release({
      tool: {
        version,
        dependencies: [{ name: "kit", version: `^${version[0] ?? "1"}.0.0` }],
        skills: [`tool-${version.replaceAll(".", "-")}`],
      },
      kit: { version, skills: [`kit-${version.replaceAll(".", "-")}`] },
    });
  }
  for (const name of ["one", "two"]) mkdirSync(at.path(name, ".git"), { recursive: true });
  await at.ok(["marketplace", "add", market.url]);
  await at.ok(["add", "tool@acme@3.0.0"]);
  await at.ok(["add", "tool@acme@^1.0.0", "--scope", "project"], { cwd: "one" });
  await at.ok(["add", "tool@acme@^2.0.0", "--scope", "project"], { cwd: "two" });
  return { at, market };
}

/** Everything one root consists of: its files, its closure, and the bytes that its closure names. */
function rootImage(at: Place, root: Root): unknown {
  const files =
    root === "user"
      ? ["home/plugins.json", "home/plugins.lock"].map((path) => readFileSync(at.path(path), "utf8"))
      : fileDigests(at.path(root));
  const closure = at.root(root);
  const trees = (closure?.plugins ?? []).map(({ tree }) => fileDigests(at.path("home/store/trees", tree)));
  return { files, closure, trees };
}

const where = (root: Root) => (root === "user" ? {} : { cwd: root });
const scope = (root: Root): readonly string[] => ["--scope", root === "user" ? "user" : "project"];

describe("two projects and a user root", () => {
  it.each(ROOTS)("are not disturbed by what happens in %s", async (changed) => {
    const { at } = await crowd();
    using _ = at;
    const others = ROOTS.filter((root) => root !== changed);
    const before = others.map((root) => rootImage(at, root));
    const own = [rootImage(at, changed)];
    for (const words of [
      ["add", "tool@acme@1.0.0"],
      ["update"],
      ["disable", "tool"],
      ["enable", "tool"],
      ["remove", "tool"],
      ["rollback"],
      ["rollback", "--to", "3"],
    ]) {
      await at.ok([...words, ...scope(changed)], where(changed));
      expect(others.map((root) => rootImage(at, root))).toEqual(before);
    }
    expect([rootImage(at, changed)]).toEqual(own);
  });

  it("are listed as a session in each of them sees them", async () => {
    const { at } = await crowd();
    using _ = at;
    const seen = async (cwd: string): Promise<unknown> => {
      const { document } = await at.json(["list"], { cwd });
      // The shape of `list --json`.
      const plugins = document["plugins"] as readonly Readonly<Record<string, string>>[];
      return plugins.map(({ id, version, scope, state }) => `${id} ${version} ${scope} ${state}`);
    };
    expect(await seen(".")).toEqual(["kit@acme 3.0.0 user on", "tool@acme 3.0.0 user on"]);
    expect(await seen("one")).toEqual([
      "kit@acme 1.1.0 project on",
      "kit@acme 3.0.0 user shadowed",
      "tool@acme 1.1.0 project on",
      "tool@acme 3.0.0 user shadowed",
    ]);
    // A user plugin whose dependency a project replaced by an unfit version is off there, and only there.
    await at.ok(["remove", "tool", "--scope", "project"], { cwd: "two" });
    await at.ok(["add", "kit@acme@^2.0.0", "--scope", "project"], { cwd: "two" });
    expect(await seen("two")).toEqual([
      "kit@acme 2.0.0 project on",
      "kit@acme 3.0.0 user shadowed",
      "tool@acme 3.0.0 user broken",
    ]);
    const { stderr } = await at.run(["list"], { cwd: "two" });
    expect(stderr).toContain("`tool@acme` needs `kit@acme` `^3.0.0`, and this project has `2.0.0`");
    expect(await at.fails(1, ["list", "--check"], { cwd: "two" })).toBe("");
    await at.ok(["list", "--check"], { cwd: "one" });
  });

  it("ask which one is meant when a name lies in both", async () => {
    const { at } = await crowd();
    using _ = at;
    for (const verb of ["remove", "disable", "update"])
      expect(await at.fails(1, [verb, "tool"], { cwd: "one" })).toContain("--scope project");
  });
});
