import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { GitServer } from "../test/support/git-server.ts";
import type { Row } from "./bar.ts";
import { startDelayProxy } from "./delay-proxy.ts";
import { writeLatticeRepository, writeLongHistoryRepository } from "./fixtures.ts";
import type { RowGroup } from "./local-rows.ts";
import { BARE, measure, timeOnce, type BenchCase, type Invocation } from "./measure.ts";
import { homeWith } from "./program.ts";

function git(work: string, args: readonly string[]): Invocation {
  const env = { PATH: process.env["PATH"], HOME: work, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };
  return { command: "git", args, cwd: work, env };
}

/** `add` of the lattice's root into a fresh home that knows the marketplace. */
function addLattice(name: string, work: string, url: string, before: () => void = () => undefined): BenchCase {
  return {
    name,
    invocation: async (run) => {
      const home = await homeWith(join(work, `${name.replaceAll(/\W+/gu, "-")}-${String(run)}`), url);
      before();
      return home.plugin(["add", "lattice@lattice-market", "--yes"]);
    },
    settle: true,
  };
}

/** 26 range-constrained plugins in one repository over loopback HTTP, without and with 80 ms of round-trip time. */
export const latticeRows: RowGroup = async (work) => {
  const served = join(work, "served");
  writeLatticeRepository(join(served, "lattice.git"));
  const server = await GitServer.start(served);
  try {
    const url = server.url("lattice.git");
    const clone: BenchCase = {
      name: "git clone --bare",
      invocation: (run) => git(work, ["clone", "--quiet", "--bare", url, join(work, `clone-${String(run)}.git`)]),
      settle: true,
    };
    const add = addLattice("lattice", work, url);
    const near = await measure([BARE, clone, add]);
    const medianOf = (name: string): number => near.get(name)?.medianMs ?? 0;
    const baseline = 1.5 * medianOf(clone.name) + medianOf(BARE.name);
    const rows: Row[] = [
      {
        name: "lattice 5×5, add",
        unit: "ms",
        measured: medianOf(add.name),
        bar: baseline + 150,
        rule: "1.5 × clone + F + 150 ms",
        baseline,
      },
    ];
    const counted = addLattice("lattice counted", work, url, () => server.reset());
    await timeOnce(await counted.invocation(0));
    rows.push({ name: "lattice 5×5, add", unit: "requests", measured: server.requests.length, bar: 4, rule: "4" });
    await using proxy = await startDelayProxy(server.port, 80);
    const far = addLattice("lattice far", work, `http://127.0.0.1:${String(proxy.port)}/lattice.git`);
    const measured = (await measure([far])).get(far.name)?.medianMs ?? 0;
    rows.push({ name: "lattice 5×5, add, 80 ms away", unit: "ms", measured, bar: 1500, rule: "1.5 s" });
    return rows;
  } finally {
    await server.stop();
  }
};

/** The bytes that a marketplace in a repository of long history costs, against git's own narrowest clone. */
export const historyRows: RowGroup = async (work) => {
  const served = join(work, "served");
  writeLongHistoryRepository(join(served, "history.git"));
  const server = await GitServer.start(served);
  try {
    const url = server.url("history.git");
    const target = join(work, "sparse");
    await timeOnce(git(work, ["clone", "--quiet", "--depth=1", "--filter=blob:none", "--sparse", url, target]));
    await timeOnce(git(work, ["-C", target, "sparse-checkout", "set", ".claude-plugin", "plugins/p0"]));
    const baseline = server.bytes / 1024;
    server.reset();
    const folder = join(work, "home-history");
    mkdirSync(folder);
    await homeWith(folder, url, ["p0@history-market"]);
    const measured = server.bytes / 1024;
    const rule = "1.2 × sparse clone";
    return [{ name: "long history, first add", unit: "KB", measured, bar: 1.2 * baseline, rule, baseline }];
  } finally {
    await server.stop();
  }
};
