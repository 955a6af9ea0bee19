import { describe, expect, it } from "vitest";
import { homeDigests } from "../support/file-digests.ts";
import { type Place } from "../support/machine.ts";
import { placeHere } from "../support/machine-here.ts";

/** `app@one` needs `mid@two`, which needs `low@three`. */
async function chain(one: readonly string[], two: readonly string[]): Promise<Place> {
  const at = placeHere();
  const markets = [
    { name: "one", plugins: { app: { version: "1.0.0", dependencies: ["mid@two"] } }, allowed: one },
    { name: "two", plugins: { mid: { version: "1.0.0", dependencies: ["low@three"] } }, allowed: two },
    { name: "three", plugins: { low: { version: "1.0.0" } }, allowed: [] },
  ];
  for (const { name, plugins, allowed } of markets) {
    at.market({ name, plugins, catalog: { allowCrossMarketplaceDependenciesOn: allowed } });
    await at.ok(["marketplace", "add", `./${name}`]);
  }
  return at;
}

describe("dependencies that leave their marketplace", () => {
  it("are installed when the list of the root marketplace names all of them", async () => {
    using at = await chain(["two", "three"], []);
    await at.ok(["add", "app@one"]);
    expect(at.holds("user")).toEqual(["app@one 1.0.0", "low@three 1.0.0", "mid@two 1.0.0"]);
    await at.ok(["list", "--check"]);
  });

  it.each([
    ["nobody lists them", [], [], "mid@two"],
    ["only the marketplace in the middle lists the last", ["two"], ["three"], "low@three"],
    ["only the last is listed", ["three"], ["three"], "mid@two"],
  ] as const)("are refused with the chain when %s", async (_name, one, two, missing) => {
    using at = await chain(one, two);
    const before = homeDigests(at.path("home"));
    const said = await at.fails(4, ["add", "app@one"]);
    expect(said).toContain("allowCrossMarketplaceDependenciesOn");
    expect(said).toContain("app@one");
    expect(said).toContain(missing);
    expect(said).toContain(`plugin add ${missing}`);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it("are no question for what the person asked for", async () => {
    using at = await chain([], []);
    await at.ok(["add", "low@three"]);
    await at.ok(["add", "mid@two"]);
    await at.ok(["add", "app@one"]);
    expect(at.holds("user")).toEqual(["app@one 1.0.0", "low@three 1.0.0", "mid@two 1.0.0"]);
    const before = homeDigests(at.path("home"));
    await at.ok(["sync", "--frozen"]);
    await at.ok(["update"]);
    expect(homeDigests(at.path("home"))).toEqual(before);
  });

  it("of a plugin in the middle that was asked for count from there", async () => {
    using at = await chain(["two"], ["three"]);
    await at.ok(["add", "mid@two"]);
    await at.ok(["add", "app@one"]);
    expect(at.holds("user")).toEqual(["app@one 1.0.0", "low@three 1.0.0", "mid@two 1.0.0"]);
  });
});
