import { expect } from "vitest";
import type { SweepResult } from "./sweep.ts";

/** Prints what a sweep looked at, and fails unless it looked at everything it wanted to and found it as promised. */
export function expectAllHit(results: readonly SweepResult[]): void {
  for (const { promise, verb, inTrace, wanted, hit, old, new: done } of results) {
    console.log(
      `${promise} during ${verb}: points in trace = ${inTrace}, wanted = ${wanted}, hit = ${hit}; old ${old}, new ${done}`,
    );
  }
  expect(results.flatMap(({ broken }) => broken)).toEqual([]);
  for (const { wanted, hit } of results) {
    expect(hit).toBe(wanted);
    expect(hit).toBeGreaterThan(0);
  }
}
