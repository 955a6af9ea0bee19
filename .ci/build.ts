import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = `${root}dist`;

const BINS: readonly string[] = ["plugin", "plugsmith"];

/** Native or very large packages: they stay dependencies of the tarball, everything else is bundled. */
const EXTERNAL = ["@napi-rs/keyring", "@anthropic-ai/sdk", "@modelcontextprotocol/sdk"];

/** What a bin is: it parses on any Node that knows modules, and only a new enough one loads the rest. */
function launcher(bin: string): string {
  return `#!/usr/bin/env node
if (Number(process.versions.node.split(".")[0]) < 22) {
  process.stderr.write("${bin}: Node.js 22 or newer is needed, this is " + process.version + "\\n");
  process.exitCode = 1;
} else import("./${bin}-main.js");
`;
}

/** Bundled CommonJS that requires a module of Node finds no \`require\` in a module; this gives it one. */
const REQUIRE =
  'import{createRequire as plugsmithCreateRequire}from"node:module";' +
  "const require=plugsmithCreateRequire(import.meta.url);\n";

/** A dynamic import of a CommonJS package has only \`default\` after bundling, whatever its types say. */
function brokenDynamicImports(metafile: Metafile): string[] {
  return Object.entries(metafile.inputs).flatMap(([file, input]) =>
    file.startsWith("node_modules/")
      ? []
      : input.imports
          .filter((found) => found.kind === "dynamic-import" && metafile.inputs[found.path]?.format === "cjs")
          .map(
            (found) =>
              `${file}: import("${found.original ?? found.path}") reaches CommonJS, import it statically in a file of ours`,
          ),
  );
}

rmSync(out, { recursive: true, force: true });
const result = await build({
  absWorkingDir: root,
  entryPoints: {
    "plugin-main": "cli/plugin.ts",
    "plugsmith-main": "cli/plugsmith.ts",
    sdk: "cli/sdk.ts",
    "plugin-api": "plugin-api/index.ts",
    "plugin-api-testing": "plugin-api/testing.ts",
  },
  outdir: out,
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22",
  conditions: ["source"],
  external: EXTERNAL.flatMap((name) => [name, `${name}/*`]),
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: "linked",
  metafile: true,
  write: false,
  logLevel: "warning",
});
const broken = brokenDynamicImports(result.metafile);
if (broken.length > 0) throw new Error(`the bundle would fail at run time:\n${broken.join("\n")}`);

let bytes = 0;
for (const file of result.outputFiles) {
  const needsRequire = file.path.endsWith(".js") && file.text.includes("Dynamic require of");
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, needsRequire ? REQUIRE + file.text : file.contents);
  bytes += file.contents.length;
}
for (const bin of BINS) {
  writeFileSync(`${out}/${bin}.js`, launcher(bin));
  chmodSync(`${out}/${bin}.js`, 0o755);
}
console.log(`${String(result.outputFiles.length)} files, ${(bytes / 1024).toFixed(0)} KB in ${relative(root, out)}`);

const types = spawnSync("tsc", ["-b", "cli"], { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
if (types.status !== 0) process.exitCode = 1;
