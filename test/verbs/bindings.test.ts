import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const V1 = { version: "1.0.0" };

/** A home that holds `app@acme`, beside another marketplace that calls itself `acme` and offers `kit`. */
async function stocked(): Promise<{ readonly at: Place; readonly other: string }> {
  const at = placeHere();
  const first = taggedMarket("acme", at.path("first.git"));
  first.release({ app: V1 });
  const other = taggedMarket("acme", at.path("other.git"));
  other.release({ kit: V1 });
  await at.ok(["marketplace", "add", first.url]);
  await at.ok(["add", "app@acme"]);
  return { at, other: other.url };
}

async function rebind(at: Place, other: string): Promise<void> {
  await at.ok(["marketplace", "remove", "acme", "--keep-plugins"]);
  await at.ok(["marketplace", "add", other]);
}

describe("a marketplace name that means another source now", () => {
  it("PB18: hinders what is built on the old one, and not its removal", async () => {
    const { at, other } = await stocked();
    using _ = at;
    await rebind(at, other);
    for (const words of [["add", "kit@acme"], ["sync"], ["update"]]) {
      expect(await at.fails(1, words)).toContain("E_MARKETPLACE_EXISTS");
    }
    await at.ok(["remove", "app"]);
    // It named the old source, was ours, and nothing is left in it.
    expect(existsSync(at.path("home/plugins.json"))).toBe(false);
    await at.ok(["add", "kit@acme"]);
    expect(at.holds("user")).toEqual(["kit@acme 1.0.0"]);
  });

  it("is noticed by a rollback to a set that came from the old one", async () => {
    const { at, other } = await stocked();
    using _ = at;
    await at.ok(["remove", "app"]);
    await rebind(at, other);
    const before = homeDigests(at.path("home"));
    expect(await at.fails(1, ["rollback"])).toContain("E_MARKETPLACE_EXISTS");
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it("does not matter where nothing comes from it", async () => {
    const { at } = await stocked();
    using _ = at;
    mkdirSync(at.path("project/.git"), { recursive: true });
    const written = {
      schema: 1,
      marketplaces: { acme: { source: "git", url: `file://${at.path("gone.git")}` } },
      plugins: {},
    };
    writeFileSync(at.path("project/plugins.json"), JSON.stringify(written));
    const beta = taggedMarket("beta", at.path("beta.git"));
    beta.release({ tool: V1 });
    await at.ok(["marketplace", "add", beta.url]);
    const here = { cwd: "project" };
    await at.ok(["sync"], here);
    await at.ok(["add", "tool@beta", "--scope", "project"], here);
    await at.ok(["remove", "tool"], here);
    expect(readFileSync(at.path("project/plugins.json"), "utf8")).toContain("gone.git");
    expect(await at.fails(1, ["add", "app@acme", "--scope", "project"], here)).toContain("E_MARKETPLACE_EXISTS");
  });
});
