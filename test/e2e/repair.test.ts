import { chmodSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fileDigests } from "../support/file-digests.ts";
import { type Place, place } from "../support/machine.ts";
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
    name: "manifests that are gone",
    inflict: (at) => rmSync(at.path("home/store/manifests"), { recursive: true }),
  },
  {
    name: "a damaged manifest",
    inflict: (at) => {
      for (const name of readdirSync(at.path("home/store/manifests"))) {
        chmodSync(at.path("home/store/manifests", name), 0o644);
        writeFileSync(at.path("home/store/manifests", name), "{}");
      }
    },
  },
];

describe("a damaged store", () => {
  it.each(DAMAGE)("with $name is noticed, and `sync` mends it", async ({ inflict }) => {
    using at = place();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "tool@acme"]);
    const tree = at.root("user")?.plugins[0]?.tree ?? "";
    const whole = fileDigests(at.path("home/store/trees"));
    const manifests = fileDigests(at.path("home/store/manifests"));
    inflict(at, tree);
    await at.ok(["list"]);
    const { exit, stdout, stderr } = await at.run(["list", "--check"]);
    expect(exit).toBe(1);
    expect(stdout + stderr).toContain("plugin sync");
    await at.ok(["sync"]);
    await at.ok(["list", "--check"]);
    await at.ok(["verify"]);
    expect(fileDigests(at.path("home/store/trees"))).toEqual(whole);
    expect(fileDigests(at.path("home/store/manifests"))).toEqual(manifests);
    expect(await at.ok(["sync"])).toContain("nothing to do");
  });

  it("whose source changed since is not mended with other bytes", async () => {
    using at = place();
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
