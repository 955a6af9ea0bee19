import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plainPlugins, writeLargeMarketplace, writeMarketplace } from "./fixtures.ts";
import { growthExponent, logPlot, type Series } from "./log-plot.ts";
import { BARE, timeOnce, type BenchCase } from "./measure.ts";
import { homeWith } from "./program.ts";

/** Growth is linear or better up to this exponent; what is over 1 is the noise of a fit through few points. */
const MOST_EXPONENT = 1.1;
const RUNS = 5;
const plots = fileURLToPath(new URL("plots", import.meta.url));

/** The least of a few runs: what others do on the machine only ever adds. */
async function leastMs(each: BenchCase): Promise<number> {
  const times: number[] = [];
  // Run -1 warms up.
  for (let run = -1; run < RUNS; run += 1) {
    const elapsedMs = await timeOnce(await each.invocation(run + 1));
    if (run >= 0) times.push(elapsedMs);
  }
  return Math.min(...times);
}

/** Measures the cases of every size; a series a case. */
async function seriesOf(
  sizes: readonly number[],
  casesOf: (size: number) => Promise<readonly BenchCase[]>,
): Promise<readonly Series[]> {
  const series = new Map<string, { readonly size: number; readonly ms: number }[]>();
  for (const size of sizes) {
    for (const each of await casesOf(size)) {
      process.stderr.write(`plots: ${each.name}, ${String(size)} ...\n`);
      series.set(each.name, [...(series.get(each.name) ?? []), { size, ms: await leastMs(each) }]);
    }
  }
  return [...series].map(([name, points]) => ({ name, points }));
}

/** Verbs in a home that has so many plugins. */
async function installedCases(work: string, size: number): Promise<readonly BenchCase[]> {
  const at = (name: string): string => join(work, `${name}-${String(size)}`);
  const market = writeMarketplace(at("market"), "growth", plainPlugins(size + RUNS + 1));
  const ids = plainPlugins(size).map(({ name }) => `${name}@growth`);
  const home = await homeWith(at("home"), market, ids);
  const original = at("project");
  mkdirSync(original);
  const team = await homeWith(at("team"), market);
  await team.run(["add", ...ids, "--yes", "--scope", "project"], original);
  return [
    { name: "list", invocation: () => home.plugin(["list"]) },
    { name: "update, nothing new", invocation: () => home.plugin(["update"]) },
    {
      name: "sync --frozen, new project",
      invocation: (run) => {
        const project = at(`project-${String(run)}`);
        cpSync(original, project, { recursive: true });
        return team.plugin(["sync", "--frozen"], project);
      },
    },
    {
      name: "add one more",
      invocation: (run) => home.plugin(["add", `p${String(size + run)}@growth`, "--yes"]),
    },
  ];
}

/** Verbs with a catalog of so many entries. */
async function catalogCases(work: string, size: number): Promise<readonly BenchCase[]> {
  const market = writeLargeMarketplace(join(work, `catalog-${String(size)}`), "growth", size, RUNS + 1);
  const fresh = (run: number): string => join(work, `fresh-${String(size)}-${String(run)}`);
  const small = await homeWith(join(work, `used-${String(size)}`), writeMarketplace(fresh(-1), "one", plainPlugins(1)));
  const home = await homeWith(join(work, `knows-${String(size)}`), market);
  return [
    { name: "marketplace add", invocation: (run) => small.copy(fresh(run)).plugin(["marketplace", "add", market]) },
    { name: "search, one found", invocation: () => home.plugin(["search", `p${String(size - 1)}`]) },
    { name: "add one", invocation: (run) => home.plugin(["add", `p${String(run)}@growth`, "--yes"]) },
  ];
}

const work = mkdtempSync(join(tmpdir(), "plugsmith-plots-"));
try {
  const bareMs = await leastMs(BARE);
  const installed = await seriesOf([10, 100, 1000], (size) => installedCases(work, size));
  const catalog = await seriesOf([100, 1000, 5000, 20_000], (size) => catalogCases(work, size));
  mkdirSync(plots, { recursive: true });
  writeFileSync(join(plots, "plugins.svg"), logPlot("With so many plugins", "installed plugins", installed, bareMs));
  writeFileSync(join(plots, "entries.svg"), logPlot("With so large a catalog", "entries", catalog, bareMs));
  const figures = [...installed, ...catalog].map((each) => ({ ...each, exponent: growthExponent(each, bareMs) }));
  writeFileSync(join(plots, "figures.json"), `${JSON.stringify({ bareMs, runs: RUNS, figures }, undefined, 2)}\n`);
  for (const { name, points, exponent } of figures) {
    const cells = points.map(({ size, ms }) => `${String(size)}: ${ms.toFixed(0)} ms`).join(", ");
    console.log(`${name.padEnd(28)} exponent ${exponent.toFixed(2)}  ${cells}`);
  }
  const steep = figures.filter(({ exponent }) => !(exponent <= MOST_EXPONENT));
  for (const { name } of steep) console.error(`\`${name}\` grows faster than linearly`);
  if (steep.length > 0 || figures.length === 0) process.exitCode = 1;
} finally {
  rmSync(work, { recursive: true, force: true });
}
