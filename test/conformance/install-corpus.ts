import { existsSync, mkdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle } from "../../.ci/bundle.ts";
import { GitServer } from "../support/git-server.ts";
import { temporaryHome, type TemporaryHome } from "../support/temporary-home.ts";
import { copyToGit, corpusMarkets, type CorpusMarket, type Served } from "./install/corpus-market.ts";
import { INSTALL_CASES, type InstallCase, runInstallCase } from "./install/install-case.ts";
import { inLanes } from "./install/lanes.ts";
import { type SweepResult, sweepMarket } from "./install/market-sweep.ts";
import { Transcript } from "./install/transcript.ts";

/** What the run counts. */
interface Tally {
  passed: number;
  failed: number;
  /** Plugins that were removed again from homes that are then as they were before. */
  removed: number;
}

/** Where everything lies while it runs. */
interface Site {
  readonly place: TemporaryHome;
  readonly server: GitServer;
  /** The bundled command. */
  readonly program: string;
  readonly tally: Tally;
  /** Every how many marketplaces one is installed over git too; 1 takes all. */
  readonly gitEvery: number;
}

/**
 * Installs a corpus of real repositories: chosen plugins with the real command, then every relative entry of every marketplace,
 * as a directory and over git. Prints one row each and a totals line; the exit code tells whether everything was as it must be.
 */
async function main(corpus: string, every: number, gitEvery: number): Promise<number> {
  if (!existsSync(corpus)) {
    console.log("corpus absent");
    return 0;
  }
  using place = temporaryHome();
  await bundle(place.path("bundle"));
  mkdirSync(place.path("git"));
  mkdirSync(place.path("git-complete"));
  const server = await GitServer.start(place.directory);
  const tally = { passed: 0, failed: 0, removed: 0 };
  const site: Site = { place, server, program: join(place.path("bundle"), "plugin.js"), tally, gitEvery };
  try {
    const markets = corpusMarkets(corpus);
    await installCases(markets, site);
    const swept = markets.filter((_, at) => at % every === 0);
    if (every > 1)
      console.log(`${swept.length} of ${markets.length} marketplaces; \`npm run corpus-install\` takes all`);
    await sweep(swept, site);
  } finally {
    await server.stop();
  }
  console.log(
    `corpus-remove: ${tally.removed} plugins removed, homes as they were before but for log, history and caches`,
  );
  console.log(`corpus-install: ${tally.passed} passed, ${tally.failed} failed`);
  return tally.failed === 0 && tally.passed > 0 ? 0 : 1;
}

async function installCases(markets: readonly CorpusMarket[], site: Site): Promise<void> {
  const { place, program, tally } = site;
  const copies = new Map<CorpusMarket, Served>();
  await inLanes(INSTALL_CASES, async (one, number) => {
    const market = markets.find(({ repository }) => repository.startsWith(one.repository));
    if (market === undefined) return [`absent  ${one.what}: no repository \`${one.repository}\` in this corpus`];
    const served = copies.get(market) ?? copyToGit(market, place.path("git-complete"), true);
    copies.set(market, served);
    const source = sourceOf(one, served, site);
    const home = place.path("homes", `case-${number}`);
    mkdirSync(home, { recursive: true });
    const { transcript, problems } = await runInstallCase(one, { market, served, source, program, home });
    if (problems.length === 0) tally.passed += 1;
    else tally.failed += 1;
    return [
      ...(one.printed === true ? ["", `## ${one.what}`, "", ...transcript.lines] : []),
      `${problems.length === 0 ? "ok     " : "FAILED "} ${one.what} (${one.plugin}@${market.name}, ${one.over})`,
      ...problems.map((problem) => `    ${problem}`),
    ];
  });
}

/** What a person types to add the copied repository. */
function sourceOf({ over }: InstallCase, { repository }: Served, { place, server }: Site): string {
  const name = basename(repository.directory);
  if (over === "http") return server.url(`git-complete/${name}`);
  if (over === "file") return pathToFileURL(repository.directory).href;
  const checkout = place.path("checkouts", name);
  if (!existsSync(checkout)) repository.git(["clone", "--quiet", repository.directory, checkout]);
  return checkout;
}

const COLUMNS = ["from", "entries", "installed", "refused", "failures", "ms"];

function row(name: string, cells: readonly (string | number)[]): string {
  return `${name.padEnd(56)} ${cells.map((cell) => String(cell).padStart(9)).join(" ")}`;
}

async function sweep(markets: readonly CorpusMarket[], site: Site): Promise<void> {
  const { place, server, program, tally, gitEvery } = site;
  const refusals = new Map(markets.map((market) => [market, new Map<string, string>()]));
  console.log(`\n${row("marketplace", COLUMNS)}`);
  if (gitEvery > 1) {
    const count = Math.ceil(markets.length / gitEvery);
    console.log(`over git: ${count} of ${markets.length} marketplaces; \`npm run corpus-install\` takes all`);
  }
  await inLanes(markets, async (market, number) => {
    const overGit = number % gitEvery === 0;
    const lines: string[] = [];
    const served = copyToGit(market, place.path("git"));
    const results: SweepResult[] = [];
    for (const [kind, source] of [
      ["directory", market.directory],
      ...(overGit ? [["git", server.url(`git/${market.repository}.git`)] as const] : []),
    ] as const) {
      const home = place.path("homes", market.repository, kind);
      mkdirSync(home, { recursive: true });
      const transcript = new Transcript(program, home);
      const result = await sweepMarket({ market, source, home, listCheck: () => transcript.run("list", "--check") });
      results.push(result);
      tally.removed += result.removed;
      const { installed, refused, failures, ms } = result;
      const counts = [market.relative.length, installed.length, refused.length, failures.length, Math.round(ms)];
      lines.push(row(market.repository, [kind, ...counts]), ...failures.map((failure) => `  FAILED ${failure}`));
      for (const { id, code, message, hint } of refused)
        refusals.get(market)?.set(id, `${message} (${code})\n    hint: ${hint ?? ""}`);
      tally.failed += failures.length;
      tally.passed += installed.length + refused.length;
    }
    const differing = overGit ? differences(market, results, served) : [];
    tally.failed += differing.length;
    return [...lines, ...differing.map((difference) => `  FAILED ${difference}`)];
  });
  console.log("\nrefused:");
  for (const [id, why] of [...refusals.values()].flatMap((each) => [...each])) console.log(`  ${id}: ${why}`);
}

/** Directory and git hold the same bytes, so they must give the same trees; a lock over git names the right commit. */
function differences(
  market: CorpusMarket,
  [directory, git]: readonly SweepResult[],
  { head, tagged }: Served,
): readonly string[] {
  const differing: string[] = [];
  if (directory?.installed.join() !== git?.installed.join())
    differing.push(`${market.name}: directory and git disagree on what installs`);
  for (const id of git?.installed ?? []) {
    const [left, right] = [directory?.lock?.plugins[id], git?.lock?.plugins[id]];
    if (left?.tree !== right?.tree) differing.push(`${id}: directory and git give different trees`);
    const expected = right?.source.kind === "git" && right.source.tag !== undefined ? tagged : head;
    if (right?.source.kind !== "git" || right.source.commit !== expected)
      differing.push(`${id}: locked at ${JSON.stringify(right?.source)} instead of ${expected}`);
  }
  return differing;
}

const { values, positionals } = parseArgs({
  options: { every: { type: "string" }, "git-every": { type: "string" } },
  allowPositionals: true,
});

function countOf(flag: "every" | "git-every"): number {
  const count = Number(values[flag] ?? 1);
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`\`--${flag}\` is a number from 1 on`);
  return count;
}

process.exitCode = await main(
  resolve(positionals[0] ?? "../shared/corpus/dev"),
  countOf("every"),
  countOf("git-every"),
);
