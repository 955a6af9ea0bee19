import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { attackRows, coverage, type AttackRow, type RanTest, type RowVerdict } from "./attack-rows.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIST = fileURLToPath(new URL("../../../shared/spec/attacks.md", import.meta.url));

/** Rows that need a part which does not exist, and which. */
const LATER: Readonly<Record<string, string>> = {
  MK13: "no catalog is signed; an expiry that nobody signs is what the server of the day says",
  NP10: "no policy key asks for provenance, and what a registry says of it alone is no proof (NP11)",
  NP11: "bundles of provenance are not fetched, and there is no trust root to verify them against",
  PB23: "policy comes from files of the machine; there is no server of policies, and nothing that could be unreachable",
};

const STATES = ["as specified", "failed", "without a test", "later"] as const;

/** What of a vitest JSON report counts. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

function main(): number {
  const { values } = parseArgs({ options: { report: { type: "string", multiple: true }, list: { type: "string" } } });
  const list = values.list ?? LIST;
  if (!existsSync(list)) {
    console.log(`attack list absent: no \`${list}\``);
    return values.list === undefined ? 0 : 1;
  }
  const rows = attackRows(readFileSync(list, "utf8"));
  const missing = values.report?.find((file) => !existsSync(file));
  if (missing !== undefined) {
    console.log(`no report \`${missing}\`: its tests did not end`);
    return 1;
  }
  const tests = values.report === undefined ? ranHere(rows) : values.report.flatMap((file) => readReport(file));
  const { rows: verdicts, problems } = coverage(rows, tests, LATER);
  print(verdicts);
  for (const { id, state, failed } of verdicts) {
    if (state === "without a test") console.log(`${id}: no test that ran and passed names it`);
    for (const name of failed) console.log(`${id}: failed: ${name}`);
    if (state === "later") console.log(`${id}: later: ${LATER[id] ?? ""}`);
  }
  for (const problem of problems) console.log(problem);
  const passed = verdicts.filter(({ state }) => state === "as specified").length;
  const failed = verdicts.filter(({ state }) => state === "failed" || state === "without a test").length;
  const all = failed + problems.length;
  // The line that `.ci/run` counts.
  console.log(`attacks, ${String(rows.length)} rows: ${String(passed)} passed, ${String(all)} failed`);
  return all === 0 ? 0 : 1;
}

function print(verdicts: readonly RowVerdict[]): void {
  const line = (group: string, rows: string, counts: readonly string[]): void =>
    console.log([group.padEnd(46), rows.padStart(5), ...counts.map((count) => count.padStart(15))].join(""));
  line("group", "rows", STATES);
  const counts = (of: readonly RowVerdict[]) =>
    STATES.map((wanted) => String(of.filter(({ state }) => state === wanted).length));
  for (const [group, of] of Map.groupBy(verdicts, (verdict) => verdict.group)) {
    line(group, String(of.length), counts(of));
  }
  line("all", String(verdicts.length), counts(verdicts));
}

/** Runs the test files that name rows, and no others. */
function ranHere(rows: readonly AttackRow[]): readonly RanTest[] {
  const ids = new RegExp(`\\b(?:${rows.map(({ id }) => id).join("|")})\\b`, "u");
  const files = globSync("test/**/*.ts", { cwd: ROOT });
  const text = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), "utf8")]));
  const naming = files.filter((file) => ids.test(text.get(file) ?? ""));
  // Tables of tests lie beside them.
  const isRun = (file: string): boolean =>
    file.endsWith(".test.ts") &&
    naming.some(
      (other) =>
        other === file ||
        (dirname(other) === dirname(file) && text.get(file)?.includes(`./${basename(other)}`) === true),
    );
  const chosen = files.filter(isRun);
  const folder = mkdtempSync(join(tmpdir(), "plugsmith-attacks-"));
  try {
    const file = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    spawnSync("vitest", ["run", "--silent", ...reporters, ...chosen], { cwd: ROOT, stdio: "inherit" });
    return readReport(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file: string): readonly RanTest[] {
  const report: Report = JSON.parse(readFileSync(file, "utf8"));
  return report.testResults.flatMap(({ assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ name: fullName, status })),
  );
}

process.exitCode = main();
