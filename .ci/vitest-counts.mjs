// Prints `passed failed` of a vitest JSON report, then each test that failed or needed a second try, with the start of its
// message; prints nothing when there is no report. Any Node from 18 on.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const file = process.argv[2];
if (file !== undefined && existsSync(file)) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  // A file that fails to load has no failed test in it, and a skipped test proves nothing.
  const broken = report.testResults.filter((suite) => suite.status === "failed" && suite.assertionResults.length === 0);
  const failed = report.numFailedTests + report.numPendingTests + broken.length;
  process.stdout.write(`${report.numPassedTests} ${failed}\n`);
  for (const suite of broken) tell(suite.name, "does not load", suite.message);
  for (const suite of report.testResults) {
    for (const test of suite.assertionResults) {
      const [message] = test.failureMessages ?? [];
      if (test.status !== "passed") tell(suite.name, `${test.status} ${test.fullName}`, message);
      else if (message !== undefined) tell(suite.name, `passed at the second try only: ${test.fullName}`, message);
    }
  }
}

/** One failure in at most 600 characters of its message, so that the end of a log holds them all. */
function tell(path, what, message) {
  const shown = (message ?? "").slice(0, 600).replaceAll("\n", "\n      ");
  process.stdout.write(`  ${relative(process.cwd(), path)}: ${what}\n      ${shown}\n`);
}
