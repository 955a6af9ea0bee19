import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Row } from "./bar.ts";
import type { RowGroup } from "./local-rows.ts";
import { BARE, median, timeOnce } from "./measure.ts";

const SOURCE = fileURLToPath(new URL("policy-start.ts", import.meta.url));
const RUNS = 15;
/** What the bar of 5 ms is of the bare start on the machine that bars were set on. */
const SHARE = 5 / 21.5;

/** 1,000 rules as a company has them: 800 about plugins, of which every second one is withdrawn, and 200 about sources. */
function policyText(): string {
  const plugins = Object.fromEntries(
    Array.from({ length: 800 }, (_, at) => {
      const digest = `sha256-${String(at).padStart(64, "0")}`;
      const rule = at % 4 === 0 ? { version: "^1.2", digest } : { rule: "allowed" };
      return [`p${String(at)}@house`, at % 2 === 1 ? "blocked" : rule];
    }),
  );
  const repositories = (name: string): readonly object[] =>
    Array.from({ length: 100 }, (_, at) => ({ source: "github", repo: `acme/${name}-${String(at)}` }));
  const lists = { strictKnownMarketplaces: repositories("market"), blockedPluginSources: repositories("bad") };
  return JSON.stringify({ ...lists, plugins }, null, 2);
}

/** Our code as it is shipped: in one file with `semver`, which a session evaluates for its plugins anyway. */
async function bundled(folder: string): Promise<string> {
  const outfile = join(folder, "policy-start.mjs");
  await build({
    entryPoints: [SOURCE],
    outfile,
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node22",
    conditions: ["source"],
    logLevel: "warning",
  });
  return outfile;
}

/** What a policy of 1,000 rules costs the start of a session, in processes that have read nothing before. */
export const policyRows: RowGroup = async (work) => {
  const file = join(work, "managed.json");
  writeFileSync(file, policyText());
  const program = await bundled(work);
  const [starts, samples]: [number[], number[]] = [[], []];
  // As a session keeps it, see `cli/compile-cache.ts`.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(work, "compile") };
  // Round 0 warms the caches and is not counted.
  for (let round = 0; round <= RUNS; round += 1) {
    const start = await timeOnce(await BARE.invocation(round));
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, file], { encoding: "utf8", env });
    if (status !== 0) throw new Error(stderr);
    if (round === 0) continue;
    starts.push(start);
    samples.push(Number(stdout));
  }
  const baseline = median(starts);
  const row: Row = {
    name: "policy of 1,000 rules, 100 plugins",
    unit: "ms",
    measured: median(samples),
    bar: baseline * SHARE,
    rule: "5 ms at F = 21.5 ms",
    baseline,
  };
  return [row];
};
