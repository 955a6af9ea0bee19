/** One row of the attack list. */
export interface AttackRow {
  readonly id: string;
  /** The heading above it, e.g. `Archive extraction (AX)`. */
  readonly group: string;
}

/** A test of a vitest JSON report. */
export interface RanTest {
  readonly name: string;
  readonly status: string;
}

/** What the tests say about one row. */
export interface RowVerdict extends AttackRow {
  readonly state: "as specified" | "failed" | "without a test" | "later";
  /** Names of the tests that failed. */
  readonly failed: readonly string[];
}

/** Everything that is known about all rows. */
export interface Coverage {
  readonly rows: readonly RowVerdict[];
  /** Errors that belong to no single row. */
  readonly problems: readonly string[];
}

const ROW = /^\| ([A-Z]{2}\d{2}) \|/u;
const HEADING = /^## \d+\. (.+)$/u;
/** In names of tests an ID stands by itself, also in lists: `CR11, CR13: …`. */
const ID = /(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?![A-Za-z0-9])/gu;

/** The rows of the list, in its order. */
export function attackRows(text: string): readonly AttackRow[] {
  const rows: AttackRow[] = [];
  let group = "";
  for (const line of text.split("\n")) {
    group = HEADING.exec(line)?.[1] ?? group;
    const id = ROW.exec(line)?.[1];
    if (id !== undefined) rows.push({ id, group });
  }
  return rows;
}

/**
 * Holds the rows against the tests that name them: a row is as specified when at least one of its tests passed and none failed.
 * `later` gives the reason for each row that has to wait; one that has a test after all does not belong in there.
 */
export function coverage(
  rows: readonly AttackRow[],
  tests: readonly RanTest[],
  later: Readonly<Record<string, string>>,
): Coverage {
  const groups = new Set(rows.map(({ id }) => id.slice(0, 2)));
  const naming = new Map<string, RanTest[]>(rows.map(({ id }) => [id, []]));
  const unknown = new Set<string>();
  for (const test of tests) {
    for (const [id] of test.name.matchAll(ID)) {
      const of = naming.get(id);
      if (of !== undefined) of.push(test);
      else if (groups.has(id.slice(0, 2))) unknown.add(`no row ${id}, which a test names: ${test.name}`);
    }
  }
  const problems = [...unknown];
  for (const id of Object.keys(later)) {
    const known = naming.get(id);
    if (known === undefined) problems.push(`no row ${id}, which is said to come later`);
    else if (known.some(({ status }) => status === "passed"))
      problems.push(`${id} has a test and is said to come later`);
  }
  if (rows.length === 0) problems.push("the list has no row");
  if (new Set(rows.map(({ id }) => id)).size !== rows.length) problems.push("the list has a row twice");
  return { rows: rows.map((row) => verdictOf(row, naming.get(row.id) ?? [], row.id in later)), problems };
}

function verdictOf(row: AttackRow, tests: readonly RanTest[], isLater: boolean): RowVerdict {
  const failed = tests.filter(({ status }) => status === "failed").map(({ name }) => name);
  if (failed.length > 0) return { ...row, state: "failed", failed };
  // A test that was skipped proves nothing.
  if (tests.some(({ status }) => status === "passed")) return { ...row, state: "as specified", failed };
  return { ...row, state: isLater ? "later" : "without a test", failed };
}
