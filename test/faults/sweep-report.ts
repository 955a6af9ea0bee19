import { expect } from "vitest";
import type { SweepResult } from "./sweep.ts";

/** Prints what a sweep looked at, and fails unless it looked at everything it wanted to and found it as promised. */
export function expectAllHit(what: string, { verb, inTrace, wanted, hit, old, new: done, broken }: SweepResult): void {
  console.log(
    `${what} during ${verb}: points in trace = ${inTrace}, wanted = ${wanted}, hit = ${hit}; old ${old}, new ${done}`,
  );
  expect(broken).toEqual([]);
  expect(hit).toBe(wanted);
  expect(hit).toBeGreaterThan(0);
}
