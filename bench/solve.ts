import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { solve, type SolveOutcome } from "../marketplace/solve/index.ts";
import { type Problem, type Registry, registryProvider, requestOf } from "../test/marketplace/solve/registry.ts";
import { median } from "./measure.ts";

/** Problems that are solved one after the other and timed together. */
interface Workload {
  readonly name: string;
  readonly problems: readonly Problem[];
}

/** What is read of a scenario or suite file. */
interface ScenarioFile {
  readonly registry: Registry;
  readonly root?: { readonly requires: Readonly<Record<string, string>> };
  readonly queries?: readonly { readonly root: { readonly requires: Readonly<Record<string, string>> } }[];
  readonly locked?: Readonly<Record<string, string>>;
  readonly options?: { readonly prefer?: "newest" | "oldest"; readonly overrides?: Readonly<Record<string, string>> };
}

const RUNS = 15;

/** Numbers that look random and are the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function hundredByHundred(
  requirementsOf: (place: number, version: number) => Readonly<Record<string, string>>,
): Registry {
  const registry: Record<string, Record<string, { requires: Readonly<Record<string, string>> }>> = {};
  for (let place = 0; place < 100; place++) {
    const versions: Record<string, { requires: Readonly<Record<string, string>> }> = {};
    for (let version = 0; version < 100; version++)
      versions[`${version}.0.0`] = { requires: requirementsOf(place, version) };
    registry[`p${place}`] = versions;
  }
  return registry;
}

/** Every version needs eight later packages in random windows; all hundred are asked for. */
function wide(): Problem {
  const draw = numbers(7);
  const registry = hundredByHundred((place) => {
    const requires: Record<string, string> = {};
    if (place === 99) return requires;
    for (let count = 0; count < 8; count++) {
      const from = draw(40);
      requires[`p${place + 1 + draw(99 - place)}`] = `>=${from}.0.0 <${from + 60 + draw(20)}.0.0`;
    }
    return requires;
  });
  return { registry, root: Object.fromEntries(Object.keys(registry).map((id) => [id, "*"])) };
}

/** Version v of a package needs at least v of the next one, and the last is held low: every package has to step down. */
function stairs(): Problem {
  const registry = hundredByHundred((place, version): Record<string, string> =>
    place < 60 ? { [`p${place + 1}`]: `>=${version}.0.0` } : {},
  );
  return { registry, root: { p0: "*", p60: "<=3.0.0" } };
}

/** The same with an end that no version reaches, explained and with remedies. */
function brokenStairs(): Problem {
  const { registry } = stairs();
  return { registry, root: { p0: ">=5.0.0", p60: "<=3.0.0" } };
}

function scenarioWorkload(folder: string): Workload {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const problems = names.toSorted().flatMap((name): Problem[] => {
    // The files state their own shape; the conformance step is what checks them.
    const file = JSON.parse(readFileSync(join(folder, name), "utf8")) as ScenarioFile;
    const { registry, locked = {}, options = {} } = file;
    const { prefer: mode = "newest", overrides = {} } = options;
    const roots = file.queries?.map(({ root }) => root) ?? (file.root === undefined ? [] : [file.root]);
    return roots.map((root) => ({ registry, root: root.requires, locked, overrides, mode }));
  });
  return { name: `the scenario suite (${problems.length} queries)`, problems };
}

async function timed({
  problems,
}: Workload): Promise<{ readonly ms: number; readonly outcomes: readonly SolveOutcome[] }> {
  const questions = problems.map((problem) => ({
    request: requestOf(problem),
    provider: registryProvider(problem.registry),
  }));
  const start = performance.now();
  const outcomes: SolveOutcome[] = [];
  for (const { request, provider } of questions) outcomes.push(await solve(request, provider));
  return { ms: performance.now() - start, outcomes };
}

const folder = resolve(process.argv[2] ?? "../shared/resolver-scenarios");
const workloads: readonly Workload[] = [
  { name: "100 × 100, random windows", problems: [wide()] },
  { name: "100 × 100, stairs", problems: [stairs()] },
  { name: "100 × 100, broken stairs", problems: [brokenStairs()] },
  ...(existsSync(folder) ? [scenarioWorkload(folder)] : []),
];
const times = new Map(workloads.map(({ name }): [string, number[]] => [name, []]));
const results = new Map<string, readonly SolveOutcome[]>();
for (let run = 0; run < RUNS; run++) {
  for (const workload of workloads) {
    const { ms, outcomes } = await timed(workload);
    times.get(workload.name)?.push(ms);
    results.set(workload.name, outcomes);
  }
}

if (!existsSync(folder)) console.log("corpus absent");
console.log(`solver: median of ${RUNS} interleaved runs in one process, first run in brackets`);
for (const { name } of workloads) {
  const values = times.get(name) ?? [];
  const outcomes = results.get(name) ?? [];
  const solved = outcomes.filter(({ kind }) => kind === "solution").length;
  const steps = outcomes.reduce((sum, { stats }) => sum + stats.steps, 0);
  const figures = `${median(values).toFixed(1).padStart(8)} ms  (${(values[0] ?? 0).toFixed(1)})`;
  console.log(`${name.padEnd(40)}${figures.padEnd(26)}${steps} steps, ${solved} of ${outcomes.length} solved`);
}
