// Prints `passed failed` of a vitest JSON report; prints nothing when there is none. Any Node from 18 on.
import { existsSync, readFileSync } from "node:fs";

const file = process.argv[2];
if (file !== undefined && existsSync(file)) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  // A file that fails to load has no failed test in it, and a skipped test proves nothing.
  const broken = report.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0);
  const failed = report.numFailedTests + report.numPendingTests + broken.length;
  process.stdout.write(`${report.numPassedTests} ${failed}\n`);
}
