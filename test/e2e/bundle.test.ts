import { readFileSync, renameSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { hookFiles, place } from "../support/machine.ts";
import { skipsMounts, underPolicy } from "../support/managed-settings.ts";
import { registryServer } from "../support/registry-server.ts";
import { taggedMarket } from "../support/tagged-market.ts";

describe("a bundle", () => {
  it("PB27: brings plugins, npm packages and catalogs to a machine without a network, as its policy and its person allow", async () => {
    using at = place();
    const registry = await registryServer();
    for (const home of ["home", "other"]) at.write(`${home}/.npmrc`, `registry=${registry.url}\n`);
    const integrity = registry.publish({ name: "greet", version: "1.0.0" }, { "index.js": "exports.a = 1;" });
    const packages = {
      "": { dependencies: { greet: "1.0.0" } },
      "node_modules/greet": {
        version: "1.0.0",
        resolved: "https://registry.npmjs.org/greet/-/greet-1.0.0.tgz",
        integrity,
      },
    };
    const locked = {
      "package.json": JSON.stringify(packages[""]),
      "package-lock.json": JSON.stringify({ lockfileVersion: 3, packages }),
    };
    const market = taggedMarket("acme", at.path("acme.git"));
    market.release({
      tool: { version: "1.0.0", dependencies: ["kit"], files: { ...hookFiles(), ...locked } },
      kit: { version: "1.0.0", manifest: { license: "MIT" } },
      left: { version: "1.0.0" },
    });
    await at.ok(["marketplace", "add", market.url]);
    await at.accept(["add", "tool@acme", "left@acme"]);
    const { document } = await at.json(["bundle", "export", "one.tar", "tool"]);
    expect(document).toMatchObject({
      plugins: ["kit@acme", "tool@acme"],
      marketplaces: ["acme"],
      packages: 1,
      leftOut: [],
    });
    await at.ok(["bundle", "export", "two.tar", "tool", "--offline"]);
    expect(readFileSync(at.path("two.tar")).equals(readFileSync(at.path("one.tar")))).toBe(true);

    renameSync(at.path("acme.git"), at.path("gone.git"));
    await registry[Symbol.asyncDispose]();
    const words = ["bundle", "import", "one.tar", "--digest", String(document["digest"])];
    if (!skipsMounts()) {
      const refused = underPolicy(at, { strictKnownMarketplaces: [{ source: "github", repo: "acme/only" }] })(words, {
        home: "other",
      });
      expect(refused.exit).toBe(3);
      expect(refused.stderr).toContain("managed.json");
    }
    expect(await at.fails(3, words, { home: "other" })).toContain("--accept");
    expect(at.generation("other")).toBeUndefined();
    expect(await at.ok(["marketplace", "list"], { home: "other" })).not.toContain("acme");
    await at.accept(words, { home: "other" });
    expect(at.holds("user", "other")).toEqual(["kit@acme 1.0.0", "tool@acme 1.0.0"]);
    const [here, there] = ["home", "other"].map((home) =>
      at.root("user", home)?.plugins.filter(({ id }) => id !== "left@acme"),
    );
    const run = ({ id, tree, manifest, packages: own, requested }: NonNullable<typeof here>[number]) => [
      id,
      tree,
      manifest,
      own,
      requested,
    ];
    expect(there?.map(run)).toEqual(here?.map(run));
    for (const next of [["sync", "--frozen"], ["verify"], ["list", "--check"], ["search", "left"]])
      await at.ok([...next, "--offline"], { home: "other" });
    expect(await at.ok(["bundle", "import", "one.tar"], { home: "other" })).toContain("nothing to do");

    const bill = await at.ok(["sbom"], { home: "other" });
    expect(bill).toContain("pkg:npm/greet@1.0.0");
    expect(await at.ok(["sbom", "--json"], { home: "other" })).toBe(bill);
  });
});
