import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const ANN = { home: "ann", cwd: "project" };
const BEN = { home: "ben", cwd: "clone" };
const NOTHING = `sha256-${"0".repeat(64)}`;

type Edit = (plugin: Record<string, unknown>) => void;

/** A clone of a project whose plugin has a skill in its catalog entry, with an edited lock. */
async function edited(edit: Edit): Promise<Place> {
  const at = placeHere();
  const market = taggedMarket("acme", at.path("acme.git"));
  const skill = (name: string) => ({ [`more/${name}/SKILL.md`]: `---\nname: ${name}\ndescription: D.\n---\n\nGo.\n` });
  const files = { ...skill("paint"), ...skill("sneak") };
  market.release({ tool: { version: "1.0.0", entry: { skills: ["./more/paint"] }, files } });
  for (const name of ["project", "clone"]) mkdirSync(at.path(name, ".git"), { recursive: true });
  await at.ok(["marketplace", "add", market.url], ANN);
  await at.ok(["add", "tool@acme", "--scope", "project"], ANN);
  cpSync(at.path("project"), at.path("clone"), { recursive: true });
  const path = at.path("clone/plugins.lock");
  // Written by the command under test.
  const lock = JSON.parse(readFileSync(path, "utf8")) as { plugins: Record<string, Record<string, unknown>> };
  edit(lock.plugins["tool@acme"] ?? {});
  writeFileSync(path, JSON.stringify(lock));
  return at;
}

const otherEntry: Edit = (plugin) => {
  plugin["entry"] = { name: "tool", source: "./plugins/tool", skills: ["./more/sneak"] };
};
const otherManifest: Edit = (plugin) => {
  plugin["manifest"] = NOTHING;
};

describe("a lock whose manifest is not what files and entry make", () => {
  it.each([
    ["entry", otherEntry],
    ["manifest", otherManifest],
  ])("is refused on every machine: %s", async (_what, edit) => {
    using at = await edited(edit);
    cpSync(at.path("ann/store"), at.path("carl/store"), { recursive: true });
    for (const home of ["ben", "carl"]) {
      for (const words of [
        ["sync", "--trust-workspace"],
        ["sync", "--trust-workspace", "--frozen"],
      ])
        expect(await at.fails(1, words, { ...BEN, home })).toContain("E_INTEGRITY");
      expect(at.generation(home)).toBeUndefined();
    }
  });

  it("is made anew by `sync` when another reader made it, and refused by `--frozen`", async () => {
    using at = await edited((plugin) => {
      otherManifest(plugin);
      plugin["reader"] = 2;
    });
    expect(await at.fails(1, ["sync", "--trust-workspace", "--frozen"], BEN)).toContain("E_INTEGRITY");
    const done = await at.run(["sync", "--trust-workspace"], BEN);
    expect(done.exit).toBe(0);
    expect(done.stderr).toContain("`tool@acme` is read otherwise");
    expect(readFileSync(at.path("clone/plugins.lock"), "utf8")).toBe(
      readFileSync(at.path("project/plugins.lock"), "utf8"),
    );
    expect(await at.ok(["sync", "--trust-workspace", "--frozen"], BEN)).toContain("nothing to do");
  });
});
