import { existsSync, readdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { compareWithOracle, ORACLE_BARS } from "./oracle.ts";
import type { Agreement, OracleComparison } from "./oracle.ts";
import { readRepository } from "./repository-reading.ts";
import type { RepositoryReading } from "./repository-reading.ts";

const DEFAULT_DIRECTORY = fileURLToPath(new URL("../../../shared/corpus/dev", import.meta.url));
const EXPECTED = fileURLToPath(new URL("expected-drops.json", import.meta.url));
const COMPATIBILITY = fileURLToPath(new URL("../../docs/compatibility.md", import.meta.url));
const DESCRIBED_BAR = 0.995;

type DropTable = Readonly<Record<string, readonly string[]>>;

/** A row of the table that is printed. */
interface Row {
  readonly repository: string;
  readonly found: number;
  readonly loaded: number;
  readonly warned: number;
  readonly dropped: number;
  readonly ms: number;
}

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      explain: { type: "string" },
      oracle: { type: "string" },
      update: { type: "boolean", default: false },
    },
  });
  const directory = positionals[0] ?? DEFAULT_DIRECTORY;
  if (!existsSync(directory)) {
    console.log("corpus absent");
    return 0;
  }
  if (values.oracle !== undefined && !existsSync(values.oracle)) {
    console.error(`oracle \`${values.oracle}\` does not exist`);
    return 1;
  }
  const started = performance.now();
  const repositories = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .filter((name) => values.explain === undefined || name === asFolder(values.explain))
    .sort();
  if (repositories.length === 0) {
    console.error(`no repository ${values.explain === undefined ? "" : `\`${values.explain}\` `}in \`${directory}\``);
    return 1;
  }
  const readings = repositories.map((repository) => readRepository(directory, repository));
  const ms = performance.now() - started;
  const comparison = values.oracle === undefined ? undefined : compareWithOracle(directory, values.oracle);
  if (values.update) writeFileSync(EXPECTED, `${JSON.stringify(dropTable(readings), null, 1)}\n`);
  // Other folders may hold other states of the same repositories.
  const table = isSameFolder(directory, DEFAULT_DIRECTORY) ? expectedDrops() : {};
  const verdict = judge(readings, comparison, table);
  if (values.json)
    console.log(JSON.stringify({ rows: readings.map(rowOf), ...verdict, oracle: comparison, ms }, null, 1));
  else print(readings, verdict, comparison, ms, values.explain);
  return verdict.failures.length === 0 ? 0 : 1;
}

/** `owner/name` and `owner+name` are one repository. */
function asFolder(name: string): string {
  return name.replace("/", "+");
}

interface Verdict {
  readonly described: Agreement;
  readonly crashes: readonly string[];
  readonly silent: readonly string[];
  readonly drops: {
    readonly total: number;
    readonly expected: number;
    readonly unexpected: readonly string[];
    readonly missing: readonly string[];
    readonly unlisted: number;
  };
  readonly failures: readonly string[];
}

function judge(
  readings: readonly RepositoryReading[],
  comparison: OracleComparison | undefined,
  table: DropTable,
): Verdict {
  const judged = readings.flatMap(({ units }) => units).filter(({ described }) => described !== undefined);
  const described = { agreed: judged.filter((unit) => unit.described === true).length, compared: judged.length };
  const crashes = readings.flatMap((reading) => reading.crashes.map((crash) => `${reading.repository}/${crash}`));
  const silent = readings.flatMap((reading) => reading.silent.map((place) => `${reading.repository}/${place}`));
  const drops = compareDrops(dropTable(readings), table);
  const failures: string[] = [];
  if (crashes.length > 0) failures.push(`${crashes.length} crashes`);
  if (silent.length > 0) failures.push(`${silent.length} drops without a finding`);
  if (drops.unexpected.length > 0) failures.push(`${drops.unexpected.length} drops are not in the table`);
  if (drops.missing.length > 0) failures.push(`${drops.missing.length} drops of the table did not happen`);
  if (share(described) < DESCRIBED_BAR) failures.push("too few documents yield name and description");
  if (comparison !== undefined) {
    if (comparison.verdict.compared === 0) failures.push("the oracle names nothing that is here");
    if (share(comparison.inventory) < ORACLE_BARS.inventory) failures.push("the inventory agrees too seldom");
    if (share(comparison.verdict) < ORACLE_BARS.verdict) failures.push("the verdict agrees too seldom");
  }
  return { described, crashes, silent, drops, failures };
}

/** Repository → `path:code` of everything that was dropped, sorted, with repetitions. */
function dropTable(readings: readonly RepositoryReading[]): DropTable {
  return Object.fromEntries(
    readings.map(({ repository, diagnostics }) => [
      repository,
      diagnostics
        .filter(isDrop)
        .map(({ file, code }) => `${file ?? ""}:${code}`)
        .sort(),
    ]),
  );
}

function isDrop({ dropped }: Diagnostic): boolean {
  return dropped !== undefined;
}

function expectedDrops(): DropTable {
  return existsSync(EXPECTED) ? JSON.parse(readFileSync(EXPECTED, "utf8")) : {};
}

function isSameFolder(one: string, other: string): boolean {
  return existsSync(other) && realpathSync(one) === realpathSync(other);
}

/** Compares with a table; repositories that the table does not name have no expectation. */
function compareDrops(actual: DropTable, table: DropTable): Verdict["drops"] {
  const unexpected: string[] = [];
  const missing: string[] = [];
  let [total, expected, unlisted] = [0, 0, 0];
  for (const [repository, drops] of Object.entries(actual)) {
    total += drops.length;
    const wanted = table[repository];
    if (wanted === undefined) {
      unlisted += drops.length;
      continue;
    }
    const open = [...wanted];
    for (const drop of drops) {
      const index = open.indexOf(drop);
      if (index === -1) unexpected.push(`${repository}/${drop}`);
      else {
        open.splice(index, 1);
        expected++;
      }
    }
    missing.push(...open.map((drop) => `${repository}/${drop}`));
  }
  return { total, expected, unexpected, missing, unlisted };
}

function rowOf({ repository, units, diagnostics, ms }: RepositoryReading): Row {
  const loaded = units.filter((unit) => unit.loaded);
  return {
    repository,
    found: units.length,
    loaded: loaded.length,
    warned: loaded.filter((unit) => unit.diagnostics.some(({ severity }) => severity !== "info")).length,
    dropped: diagnostics.filter(isDrop).length,
    ms: Math.round(ms * 10) / 10,
  };
}

function print(
  readings: readonly RepositoryReading[],
  verdict: Verdict,
  comparison: OracleComparison | undefined,
  ms: number,
  explain: string | undefined,
): void {
  const rows = readings.map(rowOf);
  const width = Math.max(...rows.map(({ repository }) => repository.length));
  const line = (name: string, ...cells: readonly (string | number)[]): void =>
    console.log([name.padEnd(width), ...cells.map((cell) => String(cell).padStart(9))].join(" "));
  line("repository", "found", "loaded", "warnings", "dropped", "ms");
  for (const row of rows) line(row.repository, row.found, row.loaded, row.warned, row.dropped, row.ms.toFixed(1));
  const sum = (pick: (row: Row) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  line(
    "total",
    sum((row) => row.found),
    sum((row) => row.loaded),
    sum((row) => row.warned),
    sum((row) => row.dropped),
    ms.toFixed(0),
  );
  console.log();
  if (explain !== undefined)
    for (const finding of readings.flatMap((reading) => reading.diagnostics)) console.log(inWords(finding));
  for (const crash of verdict.crashes) console.log(`crash: ${crash}`);
  for (const place of verdict.silent) console.log(`dropped without a finding: ${place}`);
  for (const drop of verdict.drops.unexpected) console.log(`not in the table: ${drop}`);
  for (const drop of verdict.drops.missing) console.log(`only in the table: ${drop}`);
  const { drops } = verdict;
  console.log(`kinds: ${kinds(readings)}`);
  console.log(
    `plugins: ${readings.flatMap(({ plugins }) => plugins).filter(({ reading }) => reading.manifest !== undefined).length}/${readings.flatMap(({ plugins }) => plugins).length} load`,
  );
  console.log(`crashes: ${verdict.crashes.length}`);
  console.log(
    `drops: ${drops.total}, of them expected ${drops.expected}, in repositories without a table ${drops.unlisted}; without a finding ${verdict.silent.length}`,
  );
  console.log(`name and description: ${ratio(verdict.described)}`);
  if (comparison !== undefined) printOracle(comparison, explain);
  for (const failure of verdict.failures) console.log(`FAILED: ${failure}`);
}

function printOracle(comparison: OracleComparison, explain: string | undefined): void {
  const shown = comparison.disagreements.filter(
    ({ place }) => explain === undefined || place.startsWith(asFolder(explain)),
  );
  for (const { what, kind, place, reference, ours } of shown)
    console.log(`| ${kind} \`${place}\` | ${what} | ${reference} | ${ours} |`);
  for (const place of comparison.absent) console.log(`not in the corpus: ${place}`);
  console.log(
    `inventory: ${ratio(comparison.inventory)} of the plugin roots that the reference ${comparison.version} lists`,
  );
  console.log(`verdict: ${ratio(comparison.verdict)} of plugin roots and marketplaces`);
  const text = existsSync(COMPATIBILITY) ? readFileSync(COMPATIBILITY, "utf8") : "";
  const named = comparison.disagreements.filter(({ place }) => text.includes(`\`${place}\``)).length;
  console.log(`disagreements named in docs/compatibility.md: ${named}/${comparison.disagreements.length}`);
}

function kinds(readings: readonly RepositoryReading[]): string {
  const byKind = Map.groupBy(
    readings.flatMap(({ units }) => units),
    ({ unit }) => unit.kind,
  );
  return Array.from(
    byKind,
    ([kind, units]) => `${kind} ${units.filter(({ loaded }) => loaded).length}/${units.length}`,
  ).join(", ");
}

function inWords(finding: Diagnostic): string {
  const hint = finding.hint === undefined ? "" : `\n    hint: ${finding.hint}`;
  const dropped = finding.dropped === undefined ? "" : ` [dropped ${finding.dropped}]`;
  return `${finding.severity} ${finding.code} ${finding.file ?? ""}:${finding.line ?? 1}:${finding.column ?? 1} ${finding.message}${dropped}${hint}`;
}

function share({ agreed, compared }: Agreement): number {
  return compared === 0 ? 1 : agreed / compared;
}

function ratio(agreement: Agreement): string {
  return `${agreement.agreed}/${agreement.compared} (${(share(agreement) * 100).toFixed(1)} %)`;
}

process.exitCode = main();
