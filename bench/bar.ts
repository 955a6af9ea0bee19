/** How a figure stands to its bar: a bar that is passed by less than a quarter is noted, not failed. */
export type Verdict = "ok" | "over" | "FAIL";

/** One line of the table. */
export interface Row {
  readonly name: string;
  readonly unit: "ms" | "MB" | "KB" | "requests";
  readonly measured: number;
  /** The bar's value in `unit`, with its baseline already added. */
  readonly bar: number;
  /** How the bar reads, e.g. `F + 4 ms`. */
  readonly rule: string;
  /** The baseline in this run, where there is one. */
  readonly baseline?: number | undefined;
  /** Of bars of the form `F + ms`: those ms. */
  readonly overMs?: number | undefined;
}

/** The bare start of Node on the machine that the bars were set on, in ms (20–23 were measured there). */
const REFERENCE_START_MS = 21.5;

/** A bar fails above 1.25 times its value, and a figure of zero means that nothing was measured. */
export function verdictOf(row: Pick<Row, "measured" | "bar">): Verdict {
  if (row.measured <= 0) return "FAIL";
  if (row.measured <= row.bar) return "ok";
  return row.measured <= row.bar * 1.25 ? "over" : "FAIL";
}

const number = (value: number | undefined, unit: string): string =>
  value === undefined ? "" : `${value.toFixed(unit === "requests" ? 0 : value < 1 ? 4 : 1)} ${unit}`;

/**
 * What a row would be over the bare start on a machine as fast as the one that the bars were set on: a slower one makes our own
 * share slower by the same factor. For the reader; the verdict goes by what was measured.
 */
function atReferenceSpeed({ measured, baseline, overMs }: Row): string {
  if (overMs === undefined || baseline === undefined) return "";
  const scaled = ((measured - baseline) * REFERENCE_START_MS) / baseline;
  return `F + ${scaled.toFixed(1)} of ${String(overMs)} ms`;
}

/** The rows as a Markdown table. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.name,
    row.rule,
    number(row.baseline, row.unit),
    number(row.bar, row.unit),
    number(row.measured, row.unit),
    verdictOf(row),
    atReferenceSpeed(row),
  ]);
  const table = [["what", "rule", "baseline", "bar", "measured", "verdict", "at F = 21.5 ms"], ...cells];
  const widths = [0, 1, 2, 3, 4, 5, 6].map((column) => Math.max(...table.map((line) => line[column]?.length ?? 0)));
  const lines = table.map((line) => `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return [lines[0], `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...lines.slice(1)].join("\n");
}
