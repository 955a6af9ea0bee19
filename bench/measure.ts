import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** One process to time. */
export interface Invocation {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string | undefined;
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Given to a server, whose time is that to the first byte of its answer. */
  readonly request?: string | undefined;
}

/** A named process that is timed again and again, interleaved with the others of its group. */
export interface BenchCase {
  readonly name: string;
  /** Prepares run number `run`, untimed, e.g. a fresh home for a command that changes it. */
  readonly invocation: (run: number) => Invocation | Promise<Invocation>;
  /** Flushes the file system after the preparation, so that its writes are not paid for in the timed run. */
  readonly settle?: boolean | undefined;
}

/** What one case cost. */
export interface Measurement {
  readonly medianMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** The bare start of the Node that runs this file: the F of every bar. */
export const BARE: BenchCase = {
  name: "node -e 0",
  invocation: () => ({ command: process.execPath, args: ["-e", "0"] }),
};

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error("no values to take a median of");
  return (lower + upper) / 2;
}

/** Runs a process to its end and returns the milliseconds from spawn to exit, or answer; a failing one throws with its output. */
export async function timeOnce({ command, args, cwd, env, request }: Invocation): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const started = process.hrtime.bigint();
  const child = spawn(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    env: env ?? process.env,
    stdio: request === undefined ? ["ignore", "ignore", "pipe"] : ["pipe", "pipe", "pipe"],
  });
  let elapsedMs = 0;
  const sinceStart = (): number => Number(process.hrtime.bigint() - started) / 1e6;
  child.stdin?.write(request);
  child.stdout?.once("data", () => {
    elapsedMs = sinceStart();
    child.stdin?.end();
  });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors = (errors + text).slice(-4000)));
  child.on("error", reject);
  child.on("exit", () => (elapsedMs ||= request === undefined ? sinceStart() : 0));
  child.on("close", (code, signal) => {
    if (code === 0) resolve(elapsedMs);
    else
      reject(
        new Error(`\`${[command, ...args].slice(0, 8).join(" ")}\` ended with ${String(signal ?? code)}:\n${errors}`),
      );
  });
  return promise;
}

/** Runs all cases in turn, `runs` rounds, each round starting with another case. */
export async function measure(cases: readonly BenchCase[], runs = 15): Promise<ReadonlyMap<string, Measurement>> {
  if (runs < 15) throw new Error("a figure is the median of at least 15 runs");
  const samples = new Map(cases.map((each): [string, number[]] => [each.name, []]));
  // Round -1 warms the file cache and the compile cache and is not counted.
  for (let round = -1; round < runs; round += 1) {
    for (let turn = 0; turn < cases.length; turn += 1) {
      const each = cases[(turn + round + 1) % cases.length];
      if (each === undefined) continue;
      const invocation = await each.invocation(round + 1);
      if (each.settle === true) spawnSync("sync");
      const elapsedMs = await timeOnce(invocation);
      if (round >= 0) samples.get(each.name)?.push(elapsedMs);
    }
  }
  return new Map(
    [...samples].map(([name, values]) => [
      name,
      { medianMs: median(values), minMs: Math.min(...values), maxMs: Math.max(...values) },
    ]),
  );
}

/** Writes the peak memory of the process that loads it, in KB, when that process exits. */
const PEAK_RECORDER = `const { writeFileSync } = require("node:fs");
process.on("exit", () => writeFileSync(process.env.PLUGSMITH_BENCH_PEAK, String(process.resourceUsage().maxRSS)));
`;

/** Median peak resident memory of a Node process in MB; the recorder weighs the same on the bare baseline. */
export async function peakMemoryMb(each: BenchCase, runs = 5): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "plugsmith-peak-"));
  try {
    const recorder = join(folder, "recorder.cjs");
    const peak = join(folder, "peak");
    writeFileSync(recorder, PEAK_RECORDER);
    const values: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      const invocation = await each.invocation(run);
      if (invocation.command !== process.execPath) throw new Error(`\`${each.name}\` is not a Node process`);
      const env = { ...(invocation.env ?? process.env), PLUGSMITH_BENCH_PEAK: peak };
      await timeOnce({ ...invocation, args: ["--require", recorder, ...invocation.args], env });
      values.push(Number(readFileSync(peak, "utf8")) / 1024);
    }
    return median(values);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The type of the file system that holds a path, as the system names it. */
export function fileSystemOf(path: string): string {
  const stat = spawnSync("stat", ["-f", "-c", "%T", path], { encoding: "utf8" });
  if (stat.status === 0) return stat.stdout.trim();
  const df = spawnSync("df", ["-T", path], { encoding: "utf8" });
  return df.status === 0 ? (df.stdout.trim().split("\n").at(-1)?.split(/\s+/u)[1] ?? "unknown") : "unknown";
}
