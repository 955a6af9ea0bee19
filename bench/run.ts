import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorRows } from "./author-rows.ts";
import { formatTable, verdictOf, type Row } from "./bar.ts";
import { agentRows } from "./agent-rows.ts";
import { bootRows } from "./boot-rows.ts";
import { conformanceRows } from "./conformance-rows.ts";
import { consentRows } from "./consent-rows.ts";
import { latticeRows, historyRows } from "./git-rows.ts";
import { isolateRows } from "./isolate-rows.ts";
import { kernelRows } from "./kernel-rows.ts";
import { bundleRows, catalogRows, startRows, syncRows, type RowGroup } from "./local-rows.ts";
import { fileSystemOf } from "./measure.ts";
import { policyRows } from "./policy-rows.ts";
import { scaleRows } from "./scale-rows.ts";
import { serveRows } from "./serve-rows.ts";
import { siteRows } from "./site-rows.ts";
import { skillIndexRows } from "./skill-index-rows.ts";
import { skillGateRows } from "./skill-gates.ts";

const GROUPS: Readonly<Record<string, RowGroup>> = {
  start: startRows,
  catalog: catalogRows,
  sync: syncRows,
  bundle: bundleRows,
  lattice: latticeRows,
  history: historyRows,
  conformance: conformanceRows,
  boot: bootRows,
  serve: serveRows,
  kernel: kernelRows,
  policy: policyRows,
  consent: consentRows,
  isolate: isolateRows,
  gates: skillGateRows,
  skills: skillIndexRows,
  agents: agentRows,
  author: authorRows,
  site: siteRows,
  scale: scaleRows,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(GROUPS, name));
if (unknown.length > 0) {
  console.error(`unknown group \`${unknown.join(" ")}\`, known: ${Object.keys(GROUPS).join(", ")}`);
  process.exit(2);
}

const rows: Row[] = [];
const failures: string[] = [];
// Nothing is deleted before the end: the journal traffic of deletions would slow the runs that follow.
const work = mkdtempSync(join(tmpdir(), "plugsmith-bench-"));
try {
  for (const [name, group] of Object.entries(GROUPS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`bench: ${name} ...\n`);
    const folder = mkdtempSync(join(work, `${name}-`));
    try {
      rows.push(...(await group(folder)));
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  console.log(`node ${process.version}, ${process.platform} ${process.arch}, ${fileSystemOf(work)} at ${tmpdir()}`);
  console.log("F is the bare start of this Node; a bar fails above 1.25 times its value\n");
  console.log(formatTable(rows));
} finally {
  rmSync(work, { recursive: true, force: true });
}
for (const failure of failures) console.error(`\nnot measured: ${failure}`);
if (failures.length > 0 || rows.length === 0 || rows.some((row) => verdictOf(row) === "FAIL")) process.exitCode = 1;
