import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { bundle } from "../../.ci/bundle.ts";
import { GitServer } from "../support/git-server.ts";
import { temporaryHome } from "../support/temporary-home.ts";
import { copyToGit, corpusMarkets, type CorpusMarket, type Served } from "./install/corpus-market.ts";
import { type SweepResult, sweepMarket } from "./install/market-sweep.ts";

const corpus = resolve(process.argv[2] ?? "../shared/corpus/dev");

/** Runs the bundled command in a home, without a terminal. */
function runCommand(program: string, words: readonly string[], home: string): Promise<{ exit: number; output: string }> {
  const child = spawn(process.execPath, [program, ...words], {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home, PLUGSMITH_HOME: home },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((done, reject) => {
    child.on("error", reject);
    child.on("close", (code) => done({ exit: code ?? 128, output }));
  });
}

async function main(): Promise<number> {
  if (!existsSync(corpus)) {
    console.log("corpus absent");
    return 0;
  }
  using place = temporaryHome();
  const only = process.env["ONLY"];
  const program = join(place.directory, "bundle", "plugin.js");
  await bundle(place.path("bundle"));
  const markets = corpusMarkets(corpus).filter((market) => only === undefined || market.repository.includes(only));
  mkdirSync(place.path("git"));
  const server = await GitServer.start(place.path("git"));
  let passed = 0;
  let failed = 0;
  const refusals = new Map<string, string>();
  const row = (cells: readonly (string | number)[]): void => {
    const [name = "", ...rest] = cells;
    console.log(`${String(name).padEnd(64)} ${rest.map((cell) => String(cell).padStart(9)).join(" ")}`);
  };
  row(["marketplace", "from", "entries", "installed", "refused", "failures", "ms"]);
  for (const market of markets) {
    const served = copyToGit(market, place.path("git"));
    const results: SweepResult[] = [];
    for (const [kind, source] of [
      ["directory", market.directory],
      ["git", server.url(`${market.repository}.git`)],
    ] as const) {
      const home = place.path("homes", market.repository, kind);
      mkdirSync(home, { recursive: true });
      const result = await sweepMarket({
        market,
        source,
        home,
        listCheck: (at) => runCommand(program, ["list", "--check"], at),
      });
      results.push(result);
      row([market.repository, kind, market.relative.length, result.installed.length, result.refused.length, result.failures.length, Math.round(result.ms)]);
      for (const failure of result.failures) console.log(`  FAILED ${failure}`);
      for (const { id, code, message, hint } of result.refused) refusals.set(id, `${code}: ${message}\n      hint: ${hint ?? ""}`);
      failed += result.failures.length;
      passed += result.installed.length + result.refused.length;
    }
    const differing = compare(market, results, served);
    for (const difference of differing) console.log(`  FAILED ${difference}`);
    failed += differing.length;
  }
  console.log("\nrefused:");
  for (const [id, why] of refusals) console.log(`  ${id}\n    ${why}`);
  await server.stop();
  console.log(`corpus-install: ${passed} passed, ${failed} failed`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

/** Directory and git are the same bytes, so they must give the same trees. */
function compare(market: CorpusMarket, [directory, git]: readonly SweepResult[], { head, tagged }: Served): readonly string[] {
  const differing: string[] = [];
  if (directory?.installed.join() !== git?.installed.join()) differing.push(`${market.name}: directory and git disagree on what installs`);
  for (const id of git?.installed ?? []) {
    const [left, right] = [directory?.lock?.plugins[id], git?.lock?.plugins[id]];
    if (left?.tree !== right?.tree) differing.push(`${id}: directory and git give different trees`);
    const expected = right?.source.kind === "git" && right.source.tag !== undefined ? tagged : head;
    if (right?.source.kind !== "git" || right.source.commit !== expected)
      differing.push(`${id}: locked at ${JSON.stringify(right?.source)} instead of ${expected}`);
  }
  return differing;
}

process.exitCode = await main();
