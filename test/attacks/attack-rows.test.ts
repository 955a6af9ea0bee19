import { describe, expect, it } from "vitest";
import { attackRows, coverage } from "./attack-rows.ts";

const LIST = `# List
| limit | default |
## 1. Archives (AX)
| ID | Input | Expected |
|---|---|---|
| AX91 | a | refused, as AX92 is |
| AX92 | b | refused |
## 2. Names (NM)
| NM91 | c | refused |
`;

describe("the run of the attack list", () => {
  it("takes a row for each line that begins with an ID, with the heading above it", () => {
    expect(attackRows(LIST)).toEqual([
      { id: "AX91", group: "Archives (AX)" },
      { id: "AX92", group: "Archives (AX)" },
      { id: "NM91", group: "Names (NM)" },
    ]);
  });

  const rows = attackRows(LIST);
  const all = { AX91: "as specified", AX92: "as specified", NM91: "as specified" };
  const passed = [
    { name: "archives AX91, AX92: refused", status: "passed" },
    { name: "(NM91) refused", status: "passed" },
  ];
  const cases = [
    { name: "everything passed", tests: passed, states: all },
    {
      name: "one of several tests of a row failed",
      tests: [...passed, { name: "AX92 elsewhere", status: "failed" }],
      states: { ...all, AX92: "failed" },
    },
    {
      name: "a test that was skipped proves nothing",
      tests: [...passed.slice(1), { name: "AX91, AX92: refused", status: "pending" }],
      states: { ...all, AX91: "without a test", AX92: "without a test" },
    },
    {
      name: "an ID inside another word is none",
      tests: [...passed.slice(0, 1), { name: "XNM91 NM911", status: "passed" }],
      states: { ...all, NM91: "without a test" },
    },
    { name: "a row comes later", tests: passed.slice(0, 1), later: { NM91: "r" }, states: { ...all, NM91: "later" } },
    { name: "a row came after all", tests: passed, later: { NM91: "r" }, states: all, problem: "has a test" },
    { name: "no such row comes later", tests: passed, later: { NM99: "r" }, states: all, problem: "no row NM99" },
    {
      name: "a test names a row that does not exist",
      tests: [...passed, { name: "AX93: and an error E_IO AB12", status: "passed" }],
      states: all,
      problem: "no row AX93",
    },
  ];
  it.each(cases)("when $name", ({ tests, later = {}, states, problem }) => {
    const found = coverage(rows, tests, later);
    expect(Object.fromEntries(found.rows.map(({ id, state }) => [id, state]))).toEqual(states);
    expect(found.problems).toEqual(problem === undefined ? [] : [expect.stringContaining(problem)]);
  });

  it("fails for a list without rows", () => {
    expect(coverage([], passed, {}).problems).toContain("the list has no row");
  });
});
