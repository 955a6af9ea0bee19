import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkImportGraph, readSources, type PackageManifest } from "../test/support/import-graph.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
// The project's own manifest, whose shape `test/architecture.test.ts` relies on too.
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as PackageManifest;
const { files, imports, violations } = checkImportGraph(readSources(root), manifest);
for (const { file, line, message } of violations) console.error(`${file}:${String(line)}: ${message}`);
console.log(`${String(imports)} imports of ${String(files)} files, ${String(violations.length)} forbidden`);
if (violations.length > 0 || files === 0) process.exitCode = 1;
