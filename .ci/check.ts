import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = ["--conditions=source"];

const STEPS: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ["format", "prettier", "--check", "--log-level", "warn", "."],
  // By path: an older TypeScript, which a language server in the tests needs, lies under the same name in `.bin`.
  ["types", process.execPath, "node_modules/typescript/bin/tsc", "-b", "tsconfig.build.json"],
  ["lint", "oxlint", "--deny-warnings"],
  ["import graph", process.execPath, ...source, ".ci/import-graph.ts"],
  ["schemas fresh", process.execPath, ...source, "schemas/json/generate.ts", "--check"],
  ["output schema fresh", process.execPath, ...source, ".ci/output-schema.ts", "--check"],
  ["errors doc fresh", process.execPath, ...source, ".ci/errors-doc.ts", "--check"],
  ["api report fresh", process.execPath, ".ci/api-report.ts", "--check"],
  ["unused code", "knip", "--no-progress"],
];

let failed = 0;
for (const [name, command, ...args] of STEPS) {
  const started = performance.now();
  // npm puts `node_modules/.bin` on PATH; Windows needs a shell to run the scripts in it.
  const result = spawnSync(command, args, { cwd: root, encoding: "utf8", shell: process.platform === "win32" });
  const ok = result.status === 0;
  if (!ok) failed += 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${ok ? "ok  " : "FAIL"} ${name.padEnd(19)} ${seconds.padStart(5)} s`);
  if (!ok) console.log(`${result.stdout}${result.stderr}${result.error?.message ?? ""}`.trimEnd());
}
// The line that `.ci/run` counts.
console.log(`check: ${String(STEPS.length - failed)} passed, ${String(failed)} failed`);
if (failed > 0) process.exitCode = 1;
