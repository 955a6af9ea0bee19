import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { StoreIndex } from "../../schemas/store-index.ts";
import { fileDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

/** Ways in which a store breaks; each gets the directory of an installed tree. */
const DAMAGE: readonly { readonly name: string; readonly inflict: (at: Place, tree: string) => void }[] = [
  {
    name: "a tree that is gone",
    inflict: (at, tree) => rmSync(at.path("home/store/trees", tree), { recursive: true }),
  },
  {
    name: "a file that is gone",
    inflict: (at, tree) => {
      chmodSync(at.path("home/store/trees", tree, "skills/tool"), 0o755);
      rmSync(at.path("home/store/trees", tree, "skills/tool/SKILL.md"));
    },
  },
  {
    name: "a file of another size",
    inflict: (at, tree) => writeFileSync(at.path("home/store/trees", tree, "skills/tool/SKILL.md"), "short"),
  },
  {
    name: "an index that is gone",
    inflict: (at) => rmSync(at.path("home/store/index")),
  },
  {
    name: "a damaged manifest",
    inflict: (at) => {
      const file = at.path("home/store/index");
      const text = readFileSync(file, "utf8");
      const damaged = text.replace(/^(manifest \S+ .*"name":")tool"/mu, '$1fool"');
      if (damaged === text) throw new Error("there is no manifest to damage");
      writeFileSync(file, damaged);
    },
  },
];

describe("a damaged store", () => {
  it.each(DAMAGE)("with $name is noticed, and `sync` mends it", async ({ inflict }) => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "tool@acme"]);
    const tree = at.root("user")?.plugins[0]?.tree ?? "";
    const whole = fileDigests(at.path("home/store/trees"));
    const { manifest } = at.root("user")!.plugins[0]!;
    const known = (): unknown => new StoreIndex(readFileSync(at.path("home/store/index"))).manifest(manifest);
    const before = known();
    inflict(at, tree);
    await at.ok(["list"]);
    const { exit, stdout, stderr } = await at.run(["list", "--check"]);
    expect(exit).toBe(1);
    expect(stdout + stderr).toContain("plugin sync");
    await at.ok(["sync"]);
    await at.ok(["list", "--check"]);
    await at.ok(["verify"]);
    expect(fileDigests(at.path("home/store/trees"))).toEqual(whole);
    expect(known()).toEqual(before);
    expect(await at.ok(["sync"])).toContain("nothing to do");
  });

  it("whose source changed since is not mended with other bytes", async () => {
    using at = placeHere();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { version: "1.0.0" } } })]);
    await at.ok(["add", "tool@acme"]);
    const tree = at.root("user")?.plugins[0]?.tree ?? "";
    rmSync(at.path("home/store/trees", tree), { recursive: true });
    at.market({ name: "acme", plugins: { tool: { version: "1.0.0", skills: ["other"] } } });
    expect(await at.fails(1, ["sync"])).toContain("E_INTEGRITY");
    await at.ok(["update"]);
    await at.ok(["list", "--check"]);
  });
});
