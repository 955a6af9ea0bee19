import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "./bar.ts";
import { plainPlugins, writeMarketplace } from "./fixtures.ts";
import type { RowGroup } from "./local-rows.ts";
import { BARE, median, timeOnce } from "./measure.ts";
import { homeWith } from "./program.ts";

const RUNS = 25;
const PLUGINS = 100;
/** What the bar of 5 ms is of the bare start on the machine that bars were set on. */
const SHARE = 5 / 21.5;
/** A folder bound over `/etc`, for one process: nothing else moves policy. */
const BOUND = 'mount --make-rprivate / && mount --bind "$0" /etc && exec "$@"';

/**
 * 1,000 rules as a company has them: 800 about plugins, of which the first hundred are installed and every second one of the others is
 * withdrawn, and 200 about sources.
 */
function policyText(market: string): string {
  const plugins = Object.fromEntries(
    plainPlugins(800).map(({ name }, at) => {
      const digest = `sha256-${String(at).padStart(64, "0")}`;
      const wanted = at % 4 === 0 ? { version: "^1.0", ...(at >= PLUGINS && { digest }) } : { rule: "allowed" };
      return [`${name}@house`, at >= PLUGINS && at % 2 === 1 ? "blocked" : wanted];
    }),
  );
  const repositories = (name: string, count: number): readonly object[] =>
    Array.from({ length: count }, (_, at) => ({ source: "github", repo: `acme/${name}-${String(at)}` }));
  const strictKnownMarketplaces = [...repositories("market", 99), { source: "directory", path: market }];
  return JSON.stringify({ strictKnownMarketplaces, blockedPluginSources: repositories("bad", 100), plugins }, null, 2);
}

/** What a policy of 1,000 rules adds to the start of a session with 100 plugins: the middle of what it added each time. */
export const policyRows: RowGroup = async (work) => {
  const market = writeMarketplace(join(work, "house"), "house", plainPlugins(PLUGINS));
  const home = await homeWith(
    join(work, "home"),
    market,
    plainPlugins(PLUGINS).map(({ name }) => `${name}@house`),
  );
  const project = join(work, "project");
  for (const folder of [project, join(work, "without"), join(work, "with/plugsmith")])
    mkdirSync(folder, { recursive: true });
  writeFileSync(join(work, "with/plugsmith/managed.json"), policyText(market), { mode: 0o644 });
  const start = async (etc: string): Promise<number> => {
    const { command, args, ...rest } = home.plugsmith(["boot", "--json"], project);
    const words = ["--mount", "sh", "-c", BOUND, join(work, etc), command, ...args];
    return timeOnce({ command: "unshare", args: words, ...rest });
  };
  const [bare, added]: [number[], number[]] = [[], []];
  // Round 0 warms the caches and is not counted.
  for (let round = 0; round <= RUNS; round += 1) {
    const order = round % 2 === 0 ? ["without", "with"] : ["with", "without"];
    const times = new Map<string, number>();
    for (const etc of order) times.set(etc, await start(etc));
    const f = await timeOnce(await BARE.invocation(round));
    if (round === 0) continue;
    bare.push(f);
    added.push((times.get("with") ?? 0) - (times.get("without") ?? 0));
  }
  const baseline = median(bare);
  const row: Row = {
    name: "policy of 1,000 rules, 100 plugins",
    unit: "ms",
    measured: median(added),
    bar: baseline * SHARE,
    rule: "5 ms at F = 21.5 ms",
    baseline,
  };
  return [row];
};
