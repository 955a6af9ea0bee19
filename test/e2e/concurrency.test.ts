import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { place } from "../support/machine.ts";
import { taggedMarket } from "../support/tagged-market.ts";

const NAMES = Array.from({ length: 16 }, (_, index) => `p${String(index).padStart(2, "0")}`);

describe("processes at the same time", () => {
  it("CR02: 16 that add 16 plugins lose none", async () => {
    using at = place();
    const plugins = Object.fromEntries(NAMES.map((name) => [name, { version: "1.0.0" }]));
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins })]);
    await Promise.all(NAMES.map((name) => at.ok(["add", `${name}@acme`])));
    expect(at.holds("user")).toEqual(NAMES.map((name) => `${name}@acme 1.0.0`));
    expect(at.generation()?.number).toBe(16);
    await at.ok(["list", "--check"]);
    await at.ok(["verify"]);
    expect(await at.ok(["sync", "--frozen"])).toContain("nothing to do");
    expect(readdirSync(at.path("home/store/staging"))).toEqual([]);
    // Taking them all out at once is no other matter.
    await Promise.all(NAMES.map((name) => at.ok(["remove", name])));
    expect(at.holds("user")).toEqual([]);
  });

  it("CR01: two that add the same plugin have one result, also from git", async () => {
    using at = place();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0", dependencies: ["kit"] }, kit: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    await Promise.all(["a", "b"].map(() => at.ok(["add", "tool@acme"])));
    expect(at.holds("user")).toEqual(["kit@acme 1.0.0", "tool@acme 1.0.0"]);
    expect(at.generation()?.number).toBe(1);
    expect(readdirSync(at.path("home/store/trees"))).toHaveLength(2);
  });

  it("CR08: in different roots do not hinder one another", async () => {
    using at = place();
    await at.ok(["marketplace", "add", at.market({ name: "acme", plugins: { tool: { version: "1.0.0" } } })]);
    const projects = ["one", "two", "three", "four"];
    for (const project of projects) at.write(`${project}/.git/HEAD`, "");
    await Promise.all([
      at.ok(["add", "tool@acme"]),
      ...projects.map((cwd) => at.ok(["add", "tool@acme", "--scope", "project"], { cwd })),
    ]);
    for (const root of ["user", ...projects]) expect(at.holds(root)).toEqual(["tool@acme 1.0.0"]);
  });

  it("that add marketplaces lose none, and the same twice is one", async () => {
    using at = place();
    const names = ["alpha", "bravo", "charlie", "delta"];
    for (const name of names) taggedMarket(name, at.path(`${name}.git`)).release({ tool: { version: "1.0.0" } });
    const urls = [...names, "alpha"].map((name) => `file://${at.path(name)}.git`);
    await Promise.all(urls.map((url) => at.ok(["marketplace", "add", url])));
    const { document } = await at.json(["marketplace", "list"]);
    // The shape of `marketplace list --json`.
    const listed = document["markets"] as readonly { readonly name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(names);
  });

  it("do not lose a marketplace while another one is refreshed", async () => {
    using at = place();
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({ tool: { version: "1.0.0" } });
    await at.ok(["marketplace", "add", market.url]);
    const names = ["alpha", "bravo", "charlie", "delta", "echo"];
    for (const name of names) at.market({ name, plugins: { tool: { version: "1.0.0" } } });
    await Promise.all([
      ...names.map((name) => at.ok(["marketplace", "add", `./${name}`])),
      ...names.map(() => at.ok(["marketplace", "update", "acme"])),
      at.ok(["add", "tool@acme"]),
    ]);
    const { document } = await at.json(["marketplace", "list"]);
    // The shape of `marketplace list --json`.
    const listed = document["markets"] as readonly { readonly name: string }[];
    expect(listed.map(({ name }) => name)).toEqual(["acme", ...names]);
  });
});
