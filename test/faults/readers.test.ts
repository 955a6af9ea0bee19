import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readGenerationNumber } from "../../marketplace/generations/generations.ts";
import { homeAt } from "../../marketplace/home.ts";
import { Store } from "../../marketplace/store/store.ts";
import { treesOf } from "../../schemas/generation.ts";
import { type Place, place } from "../support/machine.ts";
import type { FixtureMarket } from "../support/plugin-files.ts";

const READERS = 8;

/** Readers that start beside each change; as many of the oldest are killed before it. */
const FRESH = 2;

/** Changes of the market, each with an update and a collection. */
const ROUNDS = process.env["FAULTS_SAMPLE"] === undefined ? 40 : 4;

const CHILD = fileURLToPath(new URL("lease-reader-child.ts", import.meta.url));
const GC = ["cache", "gc", "--keep", "1"];

/** A process that holds a generation and reads it until its input ends. */
interface Reader {
  readonly child: ChildProcessByStdio<Writable, Readable, Readable>;
  /** The one that it holds. */
  readonly generation: number;
  /** How it ended, and how many times it had read all of its trees. */
  readonly ended: Promise<{ readonly how: string; readonly times: number }>;
}

/** Starts a reader; comes back when it holds its generation. */
async function reader(at: Place): Promise<Reader> {
  const child = spawn(process.execPath, ["--conditions=source", CHILD, at.path("home")], { stdio: "pipe" });
  let output = "";
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const ended = once(child, "close").then(() => ({
    how: `${child.signalCode ?? child.exitCode ?? ""}${errors}`,
    times: output.split("read ").length - 1,
  }));
  const holds = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("\n")) resolve();
    });
  });
  await Promise.race([holds, ended]);
  const [, generation] = /^held (\d+)\n/u.exec(output) ?? [];
  if (generation === undefined) throw new Error(`a reader holds nothing: ${(await ended).how}`);
  return { child, generation: Number(generation), ended };
}

/** Kills readers, which must have been reading until then. Returns how many times they had. */
async function killed(readers: readonly Reader[]): Promise<number> {
  for (const { child } of readers) child.kill("SIGKILL");
  const ends = await Promise.all(readers.map(({ ended }) => ended));
  expect(ends.map(({ how }) => how)).toEqual(readers.map(() => "SIGKILL"));
  return ends.reduce((sum, { times }) => sum + times, 0);
}

/** The market at a moment: one plugin changes every time, one every third time, one never. */
function marketAt(round: number): FixtureMarket {
  const plugin = (state: number) => ({
    version: `1.${state}.0`,
    files: Object.fromEntries(
      Array.from({ length: 12 }, (_, index) => [`notes/${index}.txt`, `${state} ${"n".repeat(index * 500)}`]),
    ),
  });
  return {
    name: "acme",
    plugins: { app: plugin(round), kit: plugin(Math.floor(round / 3)), rest: plugin(0) },
  };
}

/** The trees of generations, as the readers that hold them need them. */
function treesFor(at: Place, numbers: readonly number[]): ReadonlySet<string> {
  const home = homeAt(at.path("home"));
  const plugins = numbers.flatMap((number) =>
    Object.values(readGenerationNumber(home, number).roots).flatMap((root) => root.plugins),
  );
  return new Set(plugins.flatMap(treesOf));
}

/** That exactly what the current generation and living readers need is there, and a lease for each of them. */
function expectKept(at: Place, living: readonly Reader[]): void {
  const current = at.generation()?.number ?? 0;
  const kept = treesFor(at, [current, ...living.map(({ generation }) => generation)]);
  expect(new Store(homeAt(at.path("home"))).trees()).toEqual([...kept].sort());
  const owners = readdirSync(at.path("home/leases")).map((name) => Number.parseInt(name, 10));
  const byNumber = (left: number, right: number): number => left - right;
  expect(owners.sort(byNumber)).toEqual(living.map(({ child }) => child.pid ?? 0).sort(byNumber));
}

describe("sessions beside updates and collections", () => {
  it(`${READERS} keep what they had; what the dead had goes`, { timeout: 1_800_000 }, async () => {
    using at = place();
    await at.ok(["marketplace", "add", at.market(marketAt(0))]);
    await at.ok(["add", "app@acme", "kit@acme", "rest@acme"]);
    let readers: Reader[] = [];
    let times = 0;
    let dead = 0;
    try {
      for (let round = 1; round <= ROUNDS; round += 1) {
        at.market(marketAt(round));
        const oldest = readers.splice(0, Math.max(0, readers.length + FRESH - READERS));
        times += await killed(oldest);
        dead += oldest.length;
        const change = at.ok(["update"]).then(() => at.ok(GC));
        readers.push(...(await Promise.all(Array.from({ length: FRESH }, () => reader(at)))));
        await change;
      }
      expect(readers).toHaveLength(READERS);
      await at.ok(GC);
      expectKept(at, readers);

      const [first] = readers;
      const victims = readers.filter(({ generation }, index) => generation === first?.generation || index % 2 === 0);
      const living = readers.filter((each) => !victims.includes(each));
      const needed = treesFor(at, [at.generation()?.number ?? 0, ...living.map(({ generation }) => generation)]);
      const lost = [...treesFor(at, [first?.generation ?? 0])].filter((tree) => !needed.has(tree));
      expect(lost.length).toBeGreaterThan(0);
      expect(living.length).toBeGreaterThan(1);
      readers = living;
      times += await killed(victims);
      dead += victims.length;
      const { document } = await at.json(GC);
      const removed = document["removed"];
      expect(removed).toEqual(
        expect.arrayContaining(
          lost.map((tree) => expect.objectContaining({ kind: "tree", path: at.path("home/store/trees", tree) })),
        ),
      );
      expectKept(at, living);

      for (const { child } of living) child.stdin.end();
      const ends = await Promise.all(living.map(({ ended }) => ended));
      expect(ends.map(({ how }) => how)).toEqual(living.map(() => "0"));
      times += ends.reduce((sum, each) => sum + each.times, 0);
      await at.ok(GC);
      expectKept(at, []);
      console.log(
        `${ROUNDS} updates and collections, ${dead + living.length} readers, ${dead} killed: all trees read ${times} times`,
      );
      expect(times).toBeGreaterThan(ROUNDS);
    } finally {
      for (const { child } of readers) child.kill("SIGKILL");
    }
  });
});
