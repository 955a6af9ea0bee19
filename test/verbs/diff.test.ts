import { copyFileSync, mkdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { FixtureRepository } from "../support/git-repository.ts";
import { homeDigests } from "../support/file-digests.ts";
import { hookFiles } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

describe("diff", () => {
  it("compares generations, locks and versions, and changes nothing", async () => {
    using at = placeHere();
    const market = taggedMarket("acme", at.path("acme.git"));
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) {
      market.release({
        tool: {
          version,
          files: { ...hookFiles(version[0]), "notes.md": `see https://v${version[0] ?? ""}.example/\n` },
        },
        other: { version: "1.0.0" },
      });
    }
    await at.ok(["marketplace", "add", market.url]);
    await at.accept(["add", "tool@acme@1.0.0"]);
    copyFileSync(at.path("home", "plugins.lock"), at.path("old.lock"));
    const updated = await at.accept(["add", "tool@acme@2.0.0", "other@acme"]);
    expect(updated).toContain("files: 3 changed (+3 -3 lines)");
    expect(updated).toContain("+ v2.example");
    const before = homeDigests(at.path("home"));

    const last = await at.json(["diff"]);
    expect(last.document).toMatchObject({
      from: "generation 1",
      to: "generation 2",
      changes: [
        { id: "other@acme", change: "added", to: "1.0.0" },
        {
          root: "user",
          id: "tool@acme",
          change: "changed",
          from: "1.0.0",
          to: "2.0.0",
          difference: {
            hosts: { added: ["v2.example"], removed: ["v1.example"] },
            files: [
              { path: ".claude-plugin/plugin.json" },
              { path: "guard.mjs", program: true, lines: { added: 1, removed: 1 } },
              { path: "notes.md" },
            ],
          },
        },
      ],
    });
    expect(await at.ok(["diff", "2..1"])).toContain("- other@acme 1.0.0 removed");
    expect(await at.ok(["diff", "1", "--patch", "tool@acme/guard.mjs"])).toBe(
      "--- a/tool@acme/guard.mjs\n+++ b/tool@acme/guard.mjs\n@@ -1,1 +1,1 @@\n-process.exitCode = 1;\n+process.exitCode = 2;\n",
    );
    expect(await at.fails(1, ["diff", "1..9"])).toContain("there is no generation 9");

    const project = new FixtureRepository(at.path("project"), { bare: false });
    project.commit([{ files: { "plugins.lock": "" } }]);
    project.checkOut();
    mkdirSync(at.path("project"), { recursive: true });
    copyFileSync(at.path("home", "plugins.lock"), at.path("project", "plugins.lock"));
    const locks = await at.ok(["diff", "../old.lock", "plugins.lock"], { cwd: "project" });
    expect(locks).toContain("~ tool@acme 1.0.0 -> 2.0.0 changed");
    expect(await at.ok(["diff", "HEAD:plugins.lock..plugins.lock"], { cwd: "project" })).toContain("+ tool@acme 2.0.0");

    expect((await at.json(["diff", "tool"])).document).toMatchObject({
      from: "tool@acme 2.0.0 (installed)",
      to: "tool@acme 3.0.0",
      changes: [{ id: "tool@acme", difference: { hosts: { added: ["v3.example"] } } }],
    });
    expect(await at.ok(["diff", "tool@acme", "1.0.0..3.0.0"])).toContain("- v1.example");
    expect(await at.fails(1, ["diff", "tool@acme", "1.0.0..3.0.1"])).toContain("did you mean `3.0.0`?");
    expect(homeDigests(at.path("home"))).toEqual(before);
  });
});
