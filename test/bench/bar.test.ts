import { describe, expect, it } from "vitest";
import { formatTable, verdictOf } from "../../bench/bar.ts";
import { median } from "../../bench/measure.ts";

describe("a bar", () => {
  it.each([
    { measured: 100, bar: 100, verdict: "ok" },
    { measured: 125, bar: 100, verdict: "over" },
    { measured: 125.1, bar: 100, verdict: "FAIL" },
    { measured: 0, bar: 100, verdict: "FAIL" },
  ])("of $bar calls $measured $verdict", ({ measured, bar, verdict }) => {
    expect(verdictOf({ measured, bar })).toBe(verdict);
  });

  it("is printed beside its baseline and its figure, and what that is on a machine as fast as the bars'", () => {
    const row = {
      name: "list",
      unit: "ms",
      measured: 49,
      bar: 53,
      rule: "F + 10 ms",
      baseline: 43,
      overMs: 10,
    } as const;
    expect(formatTable([row]).split("\n")).toEqual([
      "| what | rule      | baseline | bar     | measured | verdict | at F = 21.5 ms   |",
      "| ---- | --------- | -------- | ------- | -------- | ------- | ---------------- |",
      "| list | F + 10 ms | 43.0 ms  | 53.0 ms | 49.0 ms  | ok      | F + 3.0 of 10 ms |",
    ]);
  });
});

describe("the median", () => {
  it.each([
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 3, 2], middle: 2.5 },
    { values: [7], middle: 7 },
  ])("of $values is $middle", ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  it("of nothing is an error", () => {
    expect(() => median([])).toThrow("no values");
  });
});
