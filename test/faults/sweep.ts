import { CHANGING_CALLS, type Syscall, type TracedRun } from "./syscalls.ts";
import { type World, world } from "./world.ts";
import type { FaultedVerb } from "./verbs.ts";
import type { Finding } from "./whole.ts";

/** How many machines are used side by side. */
const MACHINES = 2;

/** How often a point is aimed at, and how far beside it. */
const TRIES = 16;
const OFFSETS = [1, -1, 0, 2, -2, 0, 3, -3];

/** Points of one verb that a sample looks at for each promise; all of them without `FAULTS_SAMPLE`. */
const SAMPLE = Number(process.env["FAULTS_SAMPLE"] ?? Number.POSITIVE_INFINITY);

/** A call at which a fault may come. */
export interface Point {
  readonly call: Syscall;
  readonly label: string;
}

/** What is done to a call, and what has to hold after it. */
export interface Promised {
  /** For the report. */
  readonly name: string;
  /** As `Fault.effect`; each is done at every point. */
  readonly effects: readonly string[];
  readonly look: Look;
}

/** What came of a sweep for one promise. */
export interface SweepResult {
  readonly promise: string;
  readonly verb: string;
  /** Points of the person's machine in the recorded trace. */
  readonly inTrace: number;
  /** Those that this run wanted. */
  readonly wanted: number;
  readonly hit: number;
  /** How many times the machine held the state before the verb, and the one after it. */
  readonly old: number;
  readonly new: number;
  /** A line for everything that was not as promised. */
  readonly broken: readonly string[];
}

/** Looks at a machine after a fault. */
export type Look = (machine: World, run: TracedRun) => Promise<Finding>;

/** Does what is promised to be harmless to every call of a verb that changes the person's machine, from the same state each time. */
export async function sweep(
  verb: FaultedVerb,
  promises: readonly Promised[],
  choose: (points: readonly Point[]) => readonly Point[] = (points) => points,
): Promise<readonly SweepResult[]> {
  const worlds = await Promise.all(Array.from({ length: MACHINES }, () => world(verb)));
  try {
    const points = worlds[0] === undefined ? [] : await pointsOf(worlds[0]);
    const results: SweepResult[] = [];
    for (const promised of promises) {
      const all = choose(points).flatMap((point) => promised.effects.map((effect) => ({ point, effect })));
      const chosen = spread(all, SAMPLE);
      const found = await sweepOne(worlds, { points, chosen, look: promised.look });
      results.push({ promise: promised.name, verb: verb.name, inTrace: all.length, wanted: chosen.length, ...found });
    }
    return results;
  } finally {
    for (const each of worlds) each[Symbol.dispose]();
  }
}

/** Goes through the chosen points, on all machines side by side. */
async function sweepOne(
  worlds: readonly World[],
  {
    points,
    chosen,
    look,
  }: {
    readonly points: readonly Point[];
    readonly chosen: readonly { readonly point: Point; readonly effect: string }[];
    readonly look: Look;
  },
): Promise<Pick<SweepResult, "hit" | "old" | "new" | "broken">> {
  const result = { hit: 0, old: 0, new: 0 };
  const broken: string[] = [];
  const queue = [...chosen];
  const work = async (machine: World): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const { point, effect } = next;
      const run = await faulted(machine, points, point, effect);
      if (run === undefined) {
        broken.push(`${point.label}: not reached`);
        continue;
      }
      result.hit += 1;
      const { holds, wrong } = await look(machine, run);
      result[holds] += 1;
      broken.push(...wrong.map((text) => `${effect} at ${point.label}: ${text}`));
    }
  };
  await Promise.all(worlds.map(work));
  return { ...result, broken };
}

/** Records the verb without a fault. */
export async function pointsOf(machine: World): Promise<readonly Point[]> {
  await machine.reset();
  const { calls, exit, output } = await machine.run();
  if (exit !== 0) throw new Error(`the verb fails without a fault: ${output}`);
  const points = named(machine, calls);
  const strange = points.find(({ call }) => !CHANGING_CALLS.includes(call.name));
  if (strange !== undefined) throw new Error(`no sweep covers \`${strange.call.line}\``);
  return points;
}

/**
 * Runs the verb with its fault at one point.
 *
 * A process writes to its own pipes more or less often, which moves the count of a call: then it is aimed at again, by as much
 * as the point that was hit is off.
 */
async function faulted(
  machine: World,
  recorded: readonly Point[],
  point: Point,
  effect: string,
): Promise<TracedRun | undefined> {
  const { name } = point.call;
  let { ordinal } = point.call;
  for (let tries = 0; tries < TRIES; tries += 1) {
    await machine.reset();
    const run = await machine.run({ name, ordinal, effect });
    const hit = named(machine, run.calls).find(({ call }) => call === run.hit)?.label;
    if (hit === point.label) return run;
    const other = recorded.find(({ label }) => label === hit);
    // Where nothing of the person's was hit, nothing tells by how much it was missed.
    const around = point.call.ordinal + (OFFSETS[tries % OFFSETS.length] ?? 0);
    ordinal = Math.max(1, other === undefined ? around : ordinal + point.call.ordinal - other.call.ordinal);
  }
  return undefined;
}

/** The calls on the person's machine, with names that are the same in every run and on both machines. */
function named(machine: World, calls: readonly Syscall[]): readonly Point[] {
  const counts = new Map<string, number>();
  return calls
    .filter(({ paths }) => paths.some((path) => machine.owns(path)))
    .map((call) => {
      const key = `${call.name} ${call.paths.map(plain).join(" ")}`;
      const count = (counts.get(key) ?? 0) + 1;
      counts.set(key, count);
      return { call, label: `${key} (${count})` };
    });
}

/** A path without what a process makes up. */
function plain(path: string): string {
  return path
    .replace(/^.*?\/(?=home|project)/u, "")
    .replaceAll(/staging\/[^/]+/gu, "staging/*")
    .replaceAll(/\d+\.\d+\.\d+\.[0-9a-f]{8}/gu, "*")
    .replaceAll(/(audit|leases|claims)\/[^/]+/gu, "$1/*")
    .replaceAll(/\.(?:[A-Za-z0-9]{6}|\d+(?:\.tmp)?)$/gu, ".*");
}

/** At most so many of a list, evenly spread. */
function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (count >= list.length) return list;
  return Array.from({ length: count }, (_, index) => list[Math.floor((index * list.length) / count)]).filter(
    (each) => each !== undefined,
  );
}
