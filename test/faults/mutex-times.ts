import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";

const CLOCK = new URL("mutex-clock.mjs", import.meta.url);

/** One time that a process held the mutex of a home. */
export interface MutexHold {
  readonly process: number;
  /** Milliseconds of a clock that all processes share. */
  readonly since: number;
  readonly until: number;
  readonly words: string;
}

/** What a `plugin` process needs in its environment to write its times into a file. */
export function mutexClock(file: string): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import=${CLOCK.href}`, MUTEX_CLOCK: file };
}

/** Reads what processes have written, in the order in which they held the mutex. */
export function mutexHolds(file: string): readonly MutexHold[] {
  const lines = existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  const ms = (nanoseconds = ""): number => Number(BigInt(nanoseconds) / 1000n) / 1000;
  return lines
    .map((line) => {
      const [process, since, until, ...words] = line.split(" ");
      return { process: Number(process), since: ms(since), until: ms(until), words: words.join(" ") };
    })
    .sort((left, right) => left.since - right.since);
}

/** Fails when two processes held it at once; returns a line with how long it was held. */
export function reportOfHolds(holds: readonly MutexHold[]): string {
  const together = holds.filter(({ since }, index) => since < (holds[index - 1]?.until ?? 0));
  expect(together).toEqual([]);
  const times = holds.map(({ since, until }) => until - since).sort((left, right) => left - right);
  const at = (share: number): number => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  const total = times.reduce((sum, time) => sum + time, 0);
  const longest = holds.find(({ since, until }) => until - since === times.at(-1))?.words ?? "";
  const span = (holds.at(-1)?.until ?? 0) - (holds[0]?.since ?? 0);
  return (
    `the mutex was held ${times.length} times: median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, ` +
    `maximum ${at(1).toFixed(1)} ms (\`${longest}\`), together ${(total / 1000).toFixed(1)} s of ${(span / 1000).toFixed(1)} s`
  );
}
