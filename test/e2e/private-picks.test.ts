import { mkdirSync, rmSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Place, place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const HERE = { cwd: "project" };
const LOCAL = ["--scope", "local"];

/** A project beside a git marketplace of `tool`, one of whose skills stands in its catalog entry. */
async function stocked(): Promise<Place> {
  const at = place();
  const market = taggedMarket("acme", at.path("acme.git"));
  const entry = { skills: ["./more/paint"] };
  const files = { "more/paint/SKILL.md": "---\nname: paint\ndescription: Paints.\n---\n\nPaint.\n" };
  market.release({ tool: { version: "1.0.0", entry, files } });
  mkdirSync(at.path("project/.git"), { recursive: true });
  await at.ok(["marketplace", "add", market.url]);
  return at;
}

describe("a private pick", () => {
  it("keeps what its catalog entry adds when its files are fetched again", async () => {
    using at = await stocked();
    await at.accept(["add", "tool@acme", ...LOCAL], HERE);
    const before = at.root("project")?.plugins;
    expect(before?.[0]).toMatchObject({ scope: "local", provides: { skill: 2 } });
    rmSync(at.path("home/store"), { recursive: true });
    expect(await at.ok(["sync", ...LOCAL], HERE)).toContain("fetched again: tool@acme");
    expect(at.root("project")?.plugins).toEqual(before);
    await at.ok(["list", "--check"], HERE);
    expect(await at.ok(["info", "tool"], HERE)).toContain("paint");
  });

  it("stays at its version when its files are fetched again", async () => {
    using at = await stocked();
    const market = taggedMarket("other", at.path("other.git"));
    market.release({ kit: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await at.ok(["add", "kit@other", ...LOCAL], HERE);
    market.release({ kit: { version: "2.0.0" } });
    rmSync(at.path("home/store"), { recursive: true });
    await at.ok(["sync", ...LOCAL], HERE);
    expect(at.holds("project")).toEqual(["kit@other 1.0.0"]);
  });
});
