import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { compose } from "../cli/compose.ts";
import { readCurrent } from "../marketplace/generations/generations.ts";
import { homeAt } from "../marketplace/home.ts";

/**
 * One sync to be done. `cold` has an empty home; the others have the set of the lock and first ask for news: `asks` of every
 * marketplace, `warm` of the one that is a file, with a conditional request.
 */
export interface FleetTask {
  readonly kind: "cold" | "asks" | "warm";
  readonly number: number;
}

/** What one sync took, from opening the home to closing it. */
export interface FleetResult extends FleetTask {
  readonly elapsedMs: number;
  readonly plugins: number;
}

const work = process.argv[2] ?? "";
const now = (): Date => new Date();

/** Syncs one lock with a home of its own, through the same services as `plugin sync --frozen`; the home is removed afterwards. */
async function syncOnce({ kind, number }: FleetTask): Promise<FleetResult> {
  const machine = join(work, `machine-${String(number)}`);
  const project = join(machine, "project");
  if (kind === "cold") mkdirSync(machine);
  else cpSync(join(work, "warm"), machine, { recursive: true, verbatimSymlinks: true });
  cpSync(join(work, "project"), project, { recursive: true });
  cpSync(join(work, "npmrc"), join(machine, ".npmrc"));
  const home = homeAt(join(machine, "home"));
  const started = performance.now();
  const engine = await compose({
    home,
    environment: { PATH: process.env["PATH"], HOME: machine, PLUGSMITH_AGENTS: "off" },
    directory: project,
    offline: false,
    signal: new AbortController().signal,
    progress: () => undefined,
    remark: (message) => process.stderr.write(`${message}\n`),
    now,
    person: {
      interactive: false,
      accepted: [],
      command: "sync",
      detail: "short",
      show: () => undefined,
      ask: async () => false,
    },
  });
  try {
    const news = kind === "cold" ? [] : await engine.catalogs.update(kind === "warm" ? "packed" : undefined);
    for (const result of news) if (result.outcome === "failed") throw result.error;
    const report = await engine.change(
      { scope: "project", directory: project },
      { verb: "sync", frozen: true },
      { dryRun: false, confirm: async () => true, allowPlaces: async () => undefined },
    );
    if (report.outcome !== "done") throw new Error(`a sync did nothing: ${report.outcome}`);
    const plugins = readCurrent(home)?.roots[project]?.plugins.length ?? 0;
    return { kind, number, elapsedMs: performance.now() - started, plugins };
  } finally {
    await engine.close();
    rmSync(machine, { recursive: true, force: true });
  }
}

process.on("message", (task: FleetTask) => {
  syncOnce(task).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on("disconnect", () => process.exit(0));
