import type { ConfusionRow, Routed } from "../../marketplace/author/routing/confusion.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { counted } from "../print/amount.ts";
import { diagnosticLines } from "../print/diagnostic-lines.ts";
import { bold, columns, dim, green, red } from "../print/style.ts";
import type { CaseOutcome } from "./outcome.ts";

/** What became of the cases of one plugin. */
export interface PluginReport {
  readonly name: string;
  readonly directory: string;
  readonly cases: readonly CaseOutcome[];
  /** What is wrong with its test files. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The report for people. */
export function reportLines(
  plugins: readonly PluginReport[],
  routed: readonly Routed[],
  matrix: readonly ConfusionRow[],
): readonly string[] {
  const cases = plugins.flatMap((plugin) => plugin.cases);
  const failed = cases.filter(({ ok }) => !ok).length;
  const wrong = routed.filter(({ ok }) => !ok).length;
  const broken = plugins.reduce((sum, { diagnostics }) => sum + diagnostics.length, 0);
  const ok = failed + wrong + broken === 0;
  // Behind "passed:" stands what passed, behind "failed:" what failed.
  const parts = [
    ...(cases.length === 0 ? [] : [`${String(ok ? cases.length : failed)} of ${counted(cases.length, "case")}`]),
    ...(routed.length === 0 ? [] : [`${String(ok ? routed.length : wrong)} of ${counted(routed.length, "prompt")}`]),
    ...(broken === 0 ? [] : [`${counted(broken, "error")} in test files`]),
  ];
  return [
    ...plugins.flatMap((plugin) => pluginLines(plugin, plugins.length > 1)),
    ...(routed.length === 0 ? [] : ["", bold("routing"), ...matrixLines(matrix), ...routed.flatMap(wrongLines)]),
    "",
    `${ok ? green("passed:") : red("failed:")} ${parts.join(", ")}`,
  ];
}

function pluginLines({ name, cases, diagnostics }: PluginReport, several: boolean): readonly string[] {
  if (cases.length + diagnostics.length === 0) return [];
  return [
    ...(several ? [bold(name)] : []),
    ...diagnostics.flatMap((diagnostic) => diagnosticLines(diagnostic)),
    ...cases.flatMap(caseLines),
  ];
}

function caseLines({ name, ok, mismatches, ms, file, line }: CaseOutcome): readonly string[] {
  if (ok) return [`${green("ok")}    ${name} ${dim(`${String(ms)} ms`)}`];
  return [
    `${red("not ok")} ${bold(name)} ${dim(`${file}:${String(line)}`)}`,
    ...mismatches.flatMap(({ what, expected, got }) => [
      `    ${what}`,
      ...labelled("expected", expected),
      ...labelled("got", got),
    ]),
  ];
}

function labelled(label: string, text: string): readonly string[] {
  const [first = "", ...more] = text.split("\n");
  return [`      ${`${label}:`.padEnd(9)} ${first}`, ...more.map((line) => `                ${line}`)];
}

/** The confusion matrix without its empty cells. */
function matrixLines(matrix: readonly ConfusionRow[]): readonly string[] {
  const rows = matrix.map(({ expected, right, wrong }) => {
    const others = Object.entries(wrong).map(([name, count]) => `${name} ${String(count)}`);
    return [expected, String(right), others.join(", ")];
  });
  return columns([["should fire", "right", "fired instead"].map(dim), ...rows], "  ");
}

function wrongLines({ ok, plugin, prompt, expected, got, file, line }: Routed): readonly string[] {
  if (ok) return [];
  return [
    `  ${red("not ok")} ${bold(prompt)} ${dim(`${plugin} ${file}:${String(line)}`)}`,
    ...labelled("expected", expected),
    ...labelled("got", got),
  ];
}
