import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { GitServer } from "../test/support/git-server.ts";
import type { Row } from "./bar.ts";
import { plainPlugins, writeLargeMarketplace, writeMarketplace, writeMarketRepository } from "./fixtures.ts";
import { overBare, type RowGroup } from "./local-rows.ts";
import { BARE, measure, peakMemoryMb, timeOnce, type BenchCase } from "./measure.ts";
import { homeWith } from "./program.ts";

/** Most entries that a catalog may have. */
const ENTRIES = 20_000;

/** Many plugins at once, what is here already, a listing that brings nothing new, and the largest catalog. */
export const scaleRows: RowGroup = async (work) => [
  await hundredPlugins(work),
  ...(await secondTime(work)),
  ...(await largestCatalog(work)),
];

/** 100 plugins into an empty home, against a copy of the same files that is as durable. */
async function hundredPlugins(work: string): Promise<Row> {
  const market = writeMarketplace(join(work, "hundred"), "hundred", plainPlugins(100));
  const ids = plainPlugins(100).map(({ name }) => `${name}@hundred`);
  const copy: BenchCase = {
    name: "cp -a and sync -f",
    invocation: (run) => ({
      command: "sh",
      args: ["-c", 'cp -a "$0" "$1" && sync -f "$1"', join(market, "plugins"), join(work, `copy-${String(run)}`)],
    }),
    settle: true,
  };
  const add: BenchCase = {
    name: "100 plugins, empty home",
    invocation: async (run) => {
      const home = await homeWith(join(work, `home-hundred-${String(run)}`), market);
      return home.plugin(["add", ...ids, "--yes"]);
    },
    settle: true,
  };
  const figures = await measure([BARE, copy, add]);
  const medianOf = (name: string): number => figures.get(name)?.medianMs ?? 0;
  const baseline = 2 * medianOf(copy.name) + medianOf(BARE.name);
  const rule = "2 × copy + F + 100 ms";
  return { name: add.name, unit: "ms", measured: medianOf(add.name), bar: baseline + 100, rule, baseline };
}

/** The set of another project, whose bytes are here, and what is asked of the server by it, by `add` again and by an update with nothing new. */
async function secondTime(work: string): Promise<readonly Row[]> {
  const served = join(work, "served");
  writeMarketRepository(join(served, "market.git"), "served", plainPlugins(20));
  const server = await GitServer.start(served);
  try {
    const warm = await homeWith(join(work, "home-warm"), server.url("market.git"));
    const original = join(work, "project");
    mkdirSync(original);
    await warm.run(["add", "p1@served", "--yes", "--scope", "project"], original);
    const again: BenchCase = {
      name: "second install, git market",
      invocation: (run) => {
        const project = join(work, `project-${String(run)}`);
        cpSync(original, project, { recursive: true });
        return warm.copy(join(work, `home-again-${String(run)}`)).plugin(["sync", "--frozen"], project);
      },
      settle: true,
    };
    server.reset();
    const row = await overBare(again, 45);
    if (server.requests.length > 0) throw new Error("a second install asked the server");
    const listings = async (name: string, words: readonly string[]): Promise<Row> => {
      server.reset();
      await timeOnce(warm.plugin(words));
      const measured = server.requests.filter(({ path }) => path.includes("/info/refs")).length;
      return { name, unit: "requests", measured, bar: 1, rule: "1 listing" };
    };
    return [
      row,
      await listings("add again, git market", ["add", "p1@served", "--yes"]),
      await listings("marketplace update, nothing new", ["marketplace", "update"]),
    ];
  } finally {
    await server.stop();
  }
}

async function largestCatalog(work: string): Promise<readonly Row[]> {
  const market = writeLargeMarketplace(join(work, "largest"), "largest", ENTRIES, 40);
  const small = writeMarketplace(join(work, "small"), "small", plainPlugins(1));
  const used = await homeWith(join(work, "home-used"), small);
  const know: BenchCase = {
    name: "marketplace add, 20,000",
    invocation: (run) => used.copy(join(work, `home-know-${String(run)}`)).plugin(["marketplace", "add", market]),
    settle: true,
  };
  const home = await homeWith(join(work, "home-largest"), market);
  let next = 0;
  const add: BenchCase = {
    name: "add one of 20,000",
    invocation: () => home.plugin(["add", `p${String(next++)}@largest`, "--yes"]),
    settle: true,
  };
  const knowMs = (await measure([know])).get(know.name)?.medianMs ?? 0;
  const rows: Row[] = [
    { name: know.name, unit: "ms", measured: knowMs, bar: 1500, rule: "1.5 s" },
    await overBare(add, 150),
  ];
  const peaks = [{ ...know, invocation: (run: number) => know.invocation(100 + run) }, add];
  for (const each of peaks) {
    const measured = await peakMemoryMb(each);
    rows.push({ name: `${each.name}, peak`, unit: "MB", measured, bar: 150, rule: "150 MB" });
  }
  return rows;
}
