import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { NpmSources } from "../../../marketplace/sources/npm-sources.ts";
import { parseMarketplaceArgument } from "../../../schemas/identity.ts";
import type { Decide } from "../../../schemas/policy.ts";
import { RegistryServer } from "../../support/registry-server.ts";
import { catalogText, entryOf, MarketBench, type OpenedHome, pluginFiles, textsOf } from "../sources/market-bench.ts";

const PACKAGE = "@acme/market";
let bench: MarketBench;
let registry: RegistryServer;
beforeEach(async () => {
  bench = await MarketBench.start();
  registry = await new RegistryServer().listen();
  mkdirSync(join(bench.directory, "person"), { recursive: true });
  writeFileSync(join(bench.directory, "person", ".npmrc"), `@acme:registry=${registry.url}\n`);
});
afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await bench.stop();
});

function publish(version: string, plugins: Readonly<Record<string, unknown>> = { tool: "./plugins/tool" }): void {
  registry.publish(
    { name: PACKAGE, version },
    {
      ".claude-plugin/marketplace.json": catalogText("acme", plugins),
      ...pluginFiles("plugins/tool", { name: "tool", version: "3.0.0" }),
      "outside.md": "not of the plugin",
    },
  );
}

function add({ catalogs }: Pick<OpenedHome, "catalogs">, text = `npm:${PACKAGE}`) {
  return catalogs.add(parseMarketplaceArgument(text, () => undefined));
}

describe("a marketplace that is a package", () => {
  it("is added under its catalog's name, bound to registry and package, and its plugins lie inside it", async () => {
    publish("1.0.0");
    const { catalogs, packages } = bench.open();
    const { market, snapshot } = await add({ catalogs });
    const identity = `npm:${registry.url}${PACKAGE}`;
    expect(market).toMatchObject({ name: "acme", identity, source: { package: PACKAGE, registry: registry.url } });
    expect(snapshot.diagnostics).toEqual([]);
    const sources = new NpmSources({ packages, minimumAge: undefined, now: () => new Date(), remark: () => undefined });
    const entry = entryOf(snapshot, "tool");
    const [offer] = await sources.offers(snapshot, entry);
    expect(offer).toMatchObject({ version: "3.0.0", source: { kind: "npm", version: "1.0.0", path: "plugins/tool" } });
    const [opened] = await sources.open([{ snapshot, entry, offer: offer! }]);
    expect(Object.keys(textsOf(opened!.tree))).toEqual([".claude-plugin/plugin.json", "skills/note/SKILL.md"]);
  });

  it("is refreshed with a condition, and a newer release takes its place", async () => {
    publish("1.0.0");
    await add(bench.open());
    const asked = registry.requests.length;
    expect(await bench.open().catalogs.update("acme")).toMatchObject([{ outcome: "unchanged" }]);
    expect(registry.requests.slice(asked).map(({ path, condition }) => [path, condition !== undefined])).toEqual([
      [`/${PACKAGE}`, true],
    ]);
    publish("1.1.0", { tool: "./plugins/tool", more: "./plugins/tool" });
    expect(await bench.open().catalogs.update("acme")).toMatchObject([{ outcome: "updated" }]);
    expect((await bench.open().catalogs.get("acme")).catalog.entries.map(({ name }) => name)).toEqual(["tool", "more"]);
  });

  it("MK12: is not refreshed to an older release, and NP03 not to other bytes of the same", async () => {
    publish("1.0.0");
    publish("1.1.0");
    await add(bench.open());
    registry.tag(PACKAGE, "latest", "1.0.0");
    expect(await bench.open().catalogs.update("acme")).toMatchObject([{ error: { code: "E_MARKETPLACE_ROLLBACK" } }]);
    publish("1.1.0", { evil: "./plugins/tool" });
    expect(await bench.open().catalogs.update("acme")).toMatchObject([{ error: { code: "E_INTEGRITY" } }]);
  });

  it("stays within the range that it was added with", async () => {
    publish("1.0.0");
    publish("2.0.0");
    const { market } = await add(bench.open(), `npm:${PACKAGE}@^1`);
    expect(market).toMatchObject({ identity: `npm:${registry.url}${PACKAGE}@^1`, source: { version: "^1" } });
    expect(market.revision).toMatch(/^1\.0\.0-/u);
  });

  it("NP13: is judged by policy with the registry that would be asked, before it is", async () => {
    publish("1.0.0");
    const judged: unknown[] = [];
    const decide: Decide = (subject) => {
      judged.push(subject.kind === "marketplace" ? subject.identity : subject.kind);
      return { allowed: false, rule: { key: "strictKnownMarketplaces", file: "policy.json" }, reason: "no" };
    };
    await expect(add(bench.open({ decide }))).rejects.toMatchObject({ code: "E_SOURCE_BLOCKED" });
    expect(judged).toEqual([`npm:${registry.url}${PACKAGE}`]);
    expect(registry.requests).toEqual([]);
  });

  it.each([
    ["a directory that is not in the package", { tool: "./plugins/none" }, "E_ENTRY"],
    ["a path that leaves it", { tool: "./../x" }, "E_PATH_ESCAPE"],
  ])("names an entry with %s", async (_, plugins, code) => {
    publish("1.0.0", plugins);
    const { snapshot } = await add(bench.open());
    expect(snapshot.diagnostics).toMatchObject([{ code }]);
  });

  it("is none without a catalog", async () => {
    registry.publish({ name: PACKAGE, version: "1.0.0" });
    await expect(add(bench.open())).rejects.toMatchObject({ code: "E_CATALOG" });
  });

  it.each(["npm:git+ssh://x/y", "npm:@scope/../x", "npm:..", "npm:a@npm:b@1", "npm:", "npm:a@latest;rm"])(
    "NP05: is not meant by %s",
    (text) => {
      expect(() => parseMarketplaceArgument(text, () => undefined)).toThrow(
        expect.objectContaining({ code: "E_SOURCE_INVALID" }) as Error,
      );
    },
  );
});
