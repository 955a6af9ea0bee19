import { expect, it } from "vitest";
import { sarif } from "../../cli/print/sarif.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { sarifShape } from "../support/sarif-shape.ts";

const FINDINGS: readonly Diagnostic[] = [
  {
    code: "E_SCHEMA",
    severity: "error",
    message: "wrong",
    file: "a b/\u00E9.json",
    line: 2,
    column: 3,
    hint: "mend it",
  },
  { code: "W_VERSION", severity: "warning", message: "odd", file: "x.json", line: 1 },
  { code: "A_README_MISSING", severity: "advice", message: "none", file: "" },
  { code: "E_SCHEMA", severity: "error", message: "wrong too" },
];

function results(root: string): readonly Readonly<Record<string, unknown>>[] {
  const log = sarif(FINDINGS, { kind: "plugin", path: "/repository/plugins/p" }, root);
  expect(sarifShape.parse(log)).toEqual(log);
  // As the shape says.
  const [run] = log["runs"] as readonly { readonly results: readonly Readonly<Record<string, unknown>>[] }[];
  return run?.results ?? [];
}

it("has the shape of SARIF 2.1.0, with files from the top of the repository", () => {
  expect(results("/repository").map(({ ruleId, ruleIndex, level }) => [ruleId, ruleIndex, level])).toEqual([
    ["E_SCHEMA", 1, "error"],
    ["W_VERSION", 2, "warning"],
    ["A_README_MISSING", 0, "note"],
    ["E_SCHEMA", 1, "error"],
  ]);
  expect(results("/repository").map(({ locations }) => JSON.stringify(locations))).toEqual([
    expect.stringContaining('"plugins/p/a%20b/%C3%A9.json"},"region":{"startLine":2,"startColumn":3}'),
    expect.stringContaining('"plugins/p/x.json"},"region":{"startLine":1}'),
    expect.stringContaining('"plugins/p/.claude-plugin/plugin.json"}'),
    expect.stringContaining('"plugins/p/.claude-plugin/plugin.json"}'),
  ]);
});

it("gives a finding a print that stays when text moves, and differs from that of others", () => {
  const prints = results("/repository").map(({ partialFingerprints }) => JSON.stringify(partialFingerprints));
  expect(new Set(prints).size).toBe(FINDINGS.length);
  expect(
    results("/repository/plugins/p").map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))[1],
  ).not.toBe(prints[1]);
});
