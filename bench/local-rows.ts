import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./bar.ts";
import { bundlePlugins, plainPlugins, writeMarketplace } from "./fixtures.ts";
import { BARE, measure, peakMemoryMb, type BenchCase } from "./measure.ts";
import { homeWith } from "./program.ts";

/** Measures some rows of the table below a folder that the caller removes. */
export type RowGroup = (work: string) => Promise<readonly Row[]>;

/** One case against the bare start of Node: the bar is `F + overMs`. */
export async function overBare(each: BenchCase, overMs: number): Promise<Row> {
  const figures = await measure([BARE, each]);
  const baseline = figures.get(BARE.name)?.medianMs ?? 0;
  const measured = figures.get(each.name)?.medianMs ?? 0;
  return {
    name: each.name,
    unit: "ms",
    measured,
    bar: baseline + overMs,
    rule: `F + ${String(overMs)} ms`,
    baseline,
    overMs,
  };
}

const idsOf = (count: number): string[] => plainPlugins(count).map(({ name }) => `${name}@thousand`);

/** `--version`, and `list` with 100 and 1,000 plugins: time and peak memory. */
export const startRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "thousand"), "thousand", plainPlugins(1000));
  const hundred = await homeWith(join(work, "home-100"), market, idsOf(100));
  const thousand = await homeWith(join(work, "home-1000"), market, idsOf(1000));
  const version: BenchCase = { name: "--version", invocation: () => hundred.plugin(["--version"]) };
  const lists = [
    { each: { name: "list, 100 plugins", invocation: () => hundred.plugin(["list"]) }, overMs: 10, overMb: 20 },
    { each: { name: "list, 1,000 plugins", invocation: () => thousand.plugin(["list"]) }, overMs: 18, overMb: 35 },
  ];
  const rows: Row[] = [await overBare(version, 4)];
  for (const { each, overMs } of lists) rows.push(await overBare(each, overMs));
  const baseline = await peakMemoryMb(BARE);
  for (const { each, overMb } of lists) {
    const measured = await peakMemoryMb(each);
    const rule = `bare + ${String(overMb)} MB`;
    rows.push({ name: `${each.name}, peak`, unit: "MB", measured, bar: baseline + overMb, rule, baseline });
  }
  return rows;
};

/** `add` of one plugin and `marketplace add`, both with a catalog of 1,000 relative entries. */
export const catalogRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "thousand"), "thousand", plainPlugins(1000));
  const home = await homeWith(join(work, "home-add"), market);
  const add: BenchCase = {
    name: "add one of 1,000",
    invocation: (run) => home.plugin(["add", `p${String(run)}@thousand`, "--yes"]),
    settle: true,
  };
  const used = await homeWith(join(work, "home-used"), writeMarketplace(join(work, "other"), "other", plainPlugins(1)));
  const read: BenchCase = {
    name: "read and parse",
    invocation: () => ({ command: process.execPath, args: ["-e", READ_ONCE, market] }),
  };
  const marketplaceAdd: BenchCase = {
    name: "marketplace add, 1,000",
    // A home that was used before, as people's are: the first command of all also compiles the program.
    invocation: (run) => used.copy(join(work, `home-market-${String(run)}`)).plugin(["marketplace", "add", market]),
    settle: true,
  };
  const addRow = await overBare(add, 45);
  const figures = await measure([read, marketplaceAdd]);
  const baseline = figures.get(read.name)?.medianMs ?? 0;
  const measured = figures.get(marketplaceAdd.name)?.medianMs ?? 0;
  const rule = "2 × reading once";
  return [addRow, { name: marketplaceAdd.name, unit: "ms", measured, bar: 2 * baseline, rule, baseline }];
};

/** What `marketplace add` has to look at, read and parsed once and nothing else. */
const READ_ONCE = `const { readFileSync } = require("node:fs");
const root = process.argv[1];
const read = (file) => JSON.parse(readFileSync(root + "/" + file, "utf8"));
for (const entry of read(".claude-plugin/marketplace.json").plugins) read(entry.source + "/.claude-plugin/plugin.json");`;

/** `sync --frozen` of a fresh project whose 200 plugins are in the store already, where another project has them. */
export const syncRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "two-hundred"), "thousand", plainPlugins(200));
  const first = await homeWith(join(work, "home-sync"), market);
  const original = join(work, "project");
  mkdirSync(original);
  await first.run(["add", ...idsOf(200), "--yes", "--scope", "project"], original);
  const sync: BenchCase = {
    name: "sync --frozen, 200 plugins",
    invocation: (run) => {
      const project = join(work, `project-${String(run)}`);
      mkdirSync(project);
      for (const file of ["plugins.json", "plugins.lock"]) copyFileSync(join(original, file), join(project, file));
      // A home of its own: otherwise each run would find one project more than the last.
      return first.copy(join(work, `home-sync-${String(run)}`)).plugin(["sync", "--frozen"], project);
    },
    settle: true,
  };
  return [await overBare(sync, 60)];
};

/** A bundle of 100 and one of 1,000 local dependencies, each installed into a fresh home. */
export const bundleRows: RowGroup = async (work) => {
  const rows: Row[] = [];
  for (const { count, overMs } of [
    { count: 100, overMs: 250 },
    { count: 1000, overMs: 2000 },
  ]) {
    const market = writeMarketplace(join(work, `bundle-${String(count)}`), "bundles", bundlePlugins(count));
    const bundle: BenchCase = {
      name: `bundle of ${String(count)}`,
      invocation: async (run) => {
        const home = await homeWith(join(work, `home-bundle-${String(count)}-${String(run)}`), market);
        return home.plugin(["add", "bundle@bundles", "--yes"]);
      },
      settle: true,
    };
    rows.push(await overBare(bundle, overMs));
  }
  return rows;
};
