import { spawn } from "node:child_process";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { readManifestHead } from "../../../schemas/formats/index.ts";
import type { FixtureCommit } from "../../support/git-repository.ts";
import { catalogText, entryOf, MarketBench, offerOf, pluginFiles } from "./market-bench.ts";

const CATALOG = ".claude-plugin/marketplace.json";
const SIDE = 5;

let bench: MarketBench;
beforeEach(async () => {
  bench = await MarketBench.start();
});
afterEach(async () => {
  await bench.stop();
});

/** Bytes and requests of plain git against the same server. */
async function cost(argv: readonly string[]): Promise<{ readonly requests: number; readonly bytes: number }> {
  bench.server.reset();
  const env = { PATH: process.env["PATH"], HOME: bench.directory, GIT_CONFIG_NOSYSTEM: "1" };
  const status = await new Promise((resolve) =>
    spawn("git", argv, { cwd: bench.directory, env, stdio: "ignore" }).on("close", resolve),
  );
  expect(status).toBe(0);
  return { requests: bench.server.requests.length, bytes: bench.server.bytes };
}

/** `root` needs a row of five plugins, each of which needs the next row, by ranges; three releases of everything. */
function lattice(): readonly FixtureCommit[] {
  const names = [
    "root",
    ...Array.from({ length: SIDE * SIDE }, (_, index) => `p-${Math.floor(index / SIDE)}-${index % SIDE}`),
  ];
  const below = (name: string): readonly string[] => {
    const row = name === "root" ? 0 : Number(name.split("-")[1]) + 1;
    return row < SIDE ? Array.from({ length: SIDE }, (_, column) => `p-${row}-${column}`) : [];
  };
  return ["1.0.0", "1.1.0", "2.0.0"].map((version) => ({
    files: {
      [CATALOG]: catalogText("lattice", Object.fromEntries(names.map((name) => [name, `./plugins/${name}`]))),
      ...Object.assign(
        {},
        ...names.map((name) =>
          pluginFiles(`plugins/${name}`, {
            name,
            version,
            dependencies: below(name).map((other) => ({ name: other, version: "^1.0.0" })),
          }),
        ),
      ),
    },
    tags: names.map((name) => `${name}--v${version}`),
  }));
}

describe("the cost of the network", () => {
  it("is one connection for a lattice of 26 plugins with ranges", async () => {
    bench.repository("lattice").commit(lattice());
    const added = bench.open();
    await added.catalogs.add(bench.source("lattice"));
    bench.server.reset();

    const { catalogs, sources } = bench.open({ now: () => new Date("2026-08-02T00:00:00Z") });
    expect(await catalogs.refreshForAdd("lattice")).toEqual({});
    const snapshot = await catalogs.get("lattice");
    const chosen = new Map<string, string>();
    const queue = [{ name: "root", version: "2.0.0" }];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (chosen.has(next.name)) continue;
      chosen.set(next.name, next.version);
      const entry = entryOf(snapshot, next.name);
      const opened = await sources.peek(snapshot, entry, offerOf(await sources.offers(snapshot, entry), next.version));
      for (const { name } of readManifestHead(opened.tree, { entry: opened.entry }).dependencies)
        queue.push({ name, version: "1.1.0" });
    }
    expect(chosen.size).toBe(SIDE * SIDE + 1);
    const wanted = [];
    for (const [name, version] of chosen) {
      const entry = entryOf(snapshot, name);
      wanted.push({ snapshot, entry, offer: offerOf(await sources.offers(snapshot, entry), version) });
    }
    const opened = await sources.open(wanted);
    expect(
      opened.every(({ tree, offer }) =>
        new TextDecoder().decode(tree.read("skills/note/SKILL.md")).includes(offer.version),
      ),
    ).toBe(true);
    const ours = { requests: bench.server.requests.length, bytes: bench.server.bytes };
    const clone = await cost(["clone", "--quiet", "--bare", bench.server.url("lattice"), "clone"]);
    console.log(
      `lattice: ${ours.requests} requests, ${ours.bytes} bytes; git clone --bare: ${clone.requests} requests, ${clone.bytes} bytes`,
    );
    expect(ours.requests).toBeLessThanOrEqual(4);
    expect(ours.bytes).toBeLessThanOrEqual(1.5 * clone.bytes);
  });

  it("does not grow with the history of the marketplace's repository", async () => {
    const noise = (seed: number): string =>
      Array.from({ length: 400 }, (_, index) => ((index * 7919 + seed * 104_729) % 999_983).toString(36)).join(" ");
    bench.repository("long").commit(
      Array.from({ length: 300 }, (_, index) => ({
        files: {
          [`src/part-${index % 40}/file-${index}.txt`]: noise(index),
          ...(index === 0
            ? {
                [CATALOG]: catalogText("long", { a: "./plugins/a" }),
                ...pluginFiles("plugins/a", { name: "a", version: "1.0.0" }),
              }
            : {}),
        },
      })),
    );
    bench.server.reset();
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("long"));
    const added = bench.server.bytes;
    const entry = entryOf(snapshot, "a");
    const [offer] = await sources.offers(snapshot, entry);
    const [opened] = await sources.open([{ snapshot, entry, offer: offer! }]);
    expect(opened?.tree.read(".claude-plugin/plugin.json")).toBeDefined();
    const ours = { requests: bench.server.requests.length, bytes: bench.server.bytes };
    const shallow = await cost([
      "clone",
      "--quiet",
      "--depth=1",
      "--filter=blob:none",
      "--sparse",
      bench.server.url("long"),
      "sparse",
    ]);
    const folder = await cost(["-C", "sparse", "sparse-checkout", "set", "plugins/a"]);
    const whole = await cost(["clone", "--quiet", "--bare", bench.server.url("long"), "whole"]);
    const sparse = shallow.bytes + folder.bytes;
    console.log(
      `long history: added with ${added} bytes, plugin opened with ${ours.bytes} in ${ours.requests} requests; sparse clone ${sparse}, clone --bare ${whole.bytes}`,
    );
    expect(added).toBeLessThanOrEqual(1.2 * sparse);
    expect(ours.bytes).toBeLessThanOrEqual(1.2 * sparse);
    expect(ours.bytes).toBeLessThan(whole.bytes / 4);
  });

  it("is two batches for a teammate's locked set", async () => {
    bench.repository("lattice").commit(lattice());
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("lattice"));
    const locked = [];
    for (const entry of snapshot.catalog.entries) {
      locked.push(offerOf(await sources.offers(snapshot, entry), "1.1.0").source);
    }
    bench.server.reset();
    const teammate = bench.open({ home: "teammate" }).sources;
    await teammate.prepareLocked(locked);
    for (const source of locked) {
      const tree = await teammate.openLocked(source, "x@lattice");
      expect(new TextDecoder().decode(tree.read("skills/note/SKILL.md"))).toContain("1.1.0");
    }
    console.log(`locked set of ${locked.length}: ${bench.server.requests.length} requests`);
    expect(bench.server.requests.length).toBeLessThanOrEqual(4);
  });

  it("is nothing when a locked set is opened again", async () => {
    bench.repository("market").commit([
      {
        files: { [CATALOG]: catalogText("m", { a: "./a" }), ...pluginFiles("a", { name: "a", version: "1.0.0" }) },
        tags: ["a--v1.0.0"],
      },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("market"));
    const [offer] = await sources.offers(snapshot, entryOf(snapshot, "a"));
    await sources.openLocked(offer!.source, "a@m");
    bench.server.reset();
    await bench.open({ offline: true }).sources.openLocked(offer!.source, "a@m");
    expect(bench.server.requests).toHaveLength(0);
  });

  it("stays one batch a step in a catalog too large to fetch whole", async () => {
    const many = Array.from({ length: 250 }, (_, index) => `q-${index}`);
    const files = Object.assign(
      {},
      ...many.map((name, index) =>
        pluginFiles(`plugins/${name}`, {
          name,
          version: "1.0.0",
          dependencies: index < 3 ? [{ name: `q-${index + 1}`, version: "^1.0.0" }] : [],
        }),
      ),
    );
    bench.repository("large").commit([
      {
        files: {
          [CATALOG]: catalogText("large", Object.fromEntries(many.map((name) => [name, `./plugins/${name}`]))),
          ...files,
        },
        tags: many.map((name) => `${name}--v1.0.0`),
      },
    ]);
    const { catalogs, sources } = bench.open();
    const { snapshot } = await catalogs.add(bench.source("large"));
    bench.server.reset();
    const wanted = [];
    await sources.prefetch([{ snapshot, entry: entryOf(snapshot, "q-0") }]);
    for (const name of many.slice(0, 4)) {
      const entry = entryOf(snapshot, name);
      const [offer] = await sources.offers(snapshot, entry);
      await sources.peek(snapshot, entry, offer!);
      wanted.push({ snapshot, entry, offer: offer! });
    }
    const opened = await sources.open(wanted);
    expect(opened).toHaveLength(4);
    const { requests } = bench.server;
    console.log(`large catalog: ${requests.length} requests for 4 plugins in a chain`);
    expect(requests.filter((request) => request.path.includes("info/refs")).length).toBeLessThanOrEqual(6);
    bench.server.reset();
    for (const name of many) await sources.offers(snapshot, entryOf(snapshot, name));
    console.log(`large catalog: ${bench.server.requests.length} requests for the versions of all ${many.length}`);
    expect(bench.server.requests.length).toBeLessThanOrEqual(5);
  });
});
