import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, it } from "vitest";
import { catalogText, pluginFiles } from "../marketplace/sources/market-bench.ts";
import { FixtureRepository } from "../support/git-repository.ts";
import { documentHere, pluginHere } from "../support/in-process.ts";
import { type TemporaryHome, temporaryHome } from "../support/temporary-home.ts";
import { fuzzHosts, totalsLine } from "./host-fuzz.ts";

it("PB03, PB07: the host, port, login and path that policy judges are those that git asks, or the source is refused", async () => {
  // `npm run fuzz:identity` lets git ask for all of them.
  const size = { strings: 20_000, contacts: 120, seed: 20_261_130, workers: 2 };
  const totals = await fuzzHosts(size);
  console.log(totalsLine(totals, size));
  expect(totals.disagreements).toEqual([]);
  expect(totals).toMatchObject({ strings: size.strings, contacted: size.contacts });
  expect(totals.accepted).toBeGreaterThan(4_000);
  expect(totals.refused).toBeGreaterThan(10_000);
}, 120_000);

let at: TemporaryHome;
beforeEach(() => {
  at = temporaryHome();
});
afterEach(() => at[Symbol.dispose]());

it("PB18: a repository that was created anew at a known address is held until a person accepts that commit of it", async () => {
  const here = { home: at.path("home"), cwd: at.directory };
  const publish = (version: string, time: number): string => {
    rmSync(at.path("market"), { recursive: true, force: true });
    const files = {
      ".claude-plugin/marketplace.json": catalogText("acme", { fmt: "./fmt" }),
      ...pluginFiles("fmt", { name: "fmt", version }),
    };
    const [commit = ""] = new FixtureRepository(at.path("market")).commit([{ files, time }]);
    return commit;
  };
  publish("1.0.0", 1_700_000_000);
  const url = `file://${at.path("market")}`;
  expect((await pluginHere(["marketplace", "add", url], here)).exit).toBe(0);
  expect((await pluginHere(["add", "fmt@acme"], here)).exit).toBe(0);
  const found = publish("6.6.6", 1_800_000_000);

  const held = await pluginHere(["update", "fmt"], here);
  expect({ exit: held.exit, says: held.text.includes(`plugin update fmt --accept ${found}`) }).toEqual({
    exit: 3,
    says: true,
  });
  const wrong = await documentHere(["marketplace", "update", "acme", "--accept", "0".repeat(40)], here);
  expect(wrong).toMatchObject({ exit: 3, results: [{ outcome: "failed", error: { code: "E_SOURCE_REPLACED" } }] });
  expect((await pluginHere(["list"], here)).text).toContain("1.0.0");

  const accepted = await documentHere(["update", "fmt", "--accept", found], here);
  expect(accepted.exit).toBe(0);
  expect((await pluginHere(["list"], here)).text).toContain("6.6.6");
  expect((await pluginHere(["marketplace", "update"], here)).exit).toBe(0);
}, 120_000);
