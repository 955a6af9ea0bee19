import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";

async function stocked(): Promise<Place> {
  const at = placeHere();
  await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { one: {}, two: {}, three: {} } })]);
  await at.ok(["add", "one@acme"]);
  await at.ok(["add", "two@acme"]);
  return at;
}

const GENERATION = "home/state/generations/2.json";

/** Ways in which the current generation is lost (CR06). */
const LOSSES: readonly { readonly name: string; readonly inflict: (path: string) => void }[] = [
  { name: "empty", inflict: (path) => truncateSync(path, 0) },
  { name: "cut off", inflict: (path) => truncateSync(path, 100) },
  { name: "full of zeros", inflict: (path) => writeFileSync(path, Buffer.alloc(4096)) },
  { name: "no JSON", inflict: (path) => writeFileSync(path, "<html>") },
  { name: "of another shape", inflict: (path) => writeFileSync(path, '{"schema": 1, "roots": []}') },
  { name: "gone", inflict: (path) => rmSync(path) },
];

describe("a current generation that is", () => {
  it.each(LOSSES)(
    "CR06: $name is reported, the one before it is used, and `sync` brings back what was asked",
    async ({ inflict }) => {
      using at = await stocked();
      inflict(at.path(GENERATION));
      const listed = await at.run(["list"]);
      expect(listed.exit).toBe(0);
      expect(listed.stdout).toContain("one@acme");
      expect(listed.stdout).not.toContain("two@acme");
      expect(listed.stderr).toContain("E_STATE_CORRUPT");
      await at.ok(["sync"]);
      expect(at.holds("user")).toEqual(["one@acme unknown", "two@acme unknown"]);
      expect((await at.run(["list"])).stderr).toBe("");
      await at.ok(["add", "three@acme"]);
      await at.ok(["list", "--check"]);
      await at.ok(["generations"]);
      await at.ok(["rollback"]);
      expect(at.holds("user")).toEqual(["one@acme unknown", "two@acme unknown"]);
    },
  );
});

describe("a file of a newer Plugsmith", () => {
  it.each([
    GENERATION,
    "home/plugins.json",
    "home/plugins.lock",
    "home/marketplaces/registry.json",
    "home/state/consent.json",
  ])("%s is refused and never overwritten", async (file) => {
    using at = await stocked();
    const text = file.endsWith("consent.json") ? '{"schema": 1}' : readFileSync(at.path(file), "utf8");
    at.write(file, text.replace(/"schema":\s*1/u, '"schema": 99'));
    const before = [homeDigests(at.path("home")), readFileSync(at.path("home/marketplaces/registry.json"), "utf8")];
    for (const words of [["add", "three@acme"], ["remove", "one"], ["update"], ["rollback"]]) {
      const { exit, stderr } = await at.run(words);
      // What needs neither consent nor a marketplace may go on.
      if (exit === 0 && /registry|consent/u.test(file)) continue;
      expect({ words, exit }).toEqual({ words, exit: 1 });
      expect(stderr).toContain("E_SCHEMA_NEWER");
      expect(stderr).toMatch(/update Plugsmith|newer Plugsmith/u);
    }
    expect(readFileSync(at.path(file), "utf8")).toContain('"schema": 99');
    if (!/registry|consent/u.test(file)) {
      expect([homeDigests(at.path("home")), readFileSync(at.path("home/marketplaces/registry.json"), "utf8")]).toEqual(
        before,
      );
    }
  });
});

describe("a damaged file that a person can edit", () => {
  it("is named with its line, and nothing is written", async () => {
    using at = await stocked();
    writeFileSync(at.path("home/plugins.json"), '{\n  "schema": 1,\n  "plugins": {"one@acme": 7,}\n}');
    const before = homeDigests(at.path("home"));
    for (const words of [["add", "three@acme"], ["sync"], ["sync", "--frozen"], ["update"], ["remove", "one"]]) {
      expect(await at.fails(1, words)).toMatch(/plugins\.json:3/u);
      expect(homeDigests(at.path("home"))).toEqual(before);
    }
    await at.ok(["list"]);
    expect(readdirSync(at.path("home/store/staging"))).toEqual([]);
  });
});
