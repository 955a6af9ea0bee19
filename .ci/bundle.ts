import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Native or very large packages: they stay dependencies of the tarball, everything else is bundled. */
const EXTERNAL = ["@napi-rs/keyring", "@anthropic-ai/sdk", "@modelcontextprotocol/sdk"];

/** Bundled CommonJS that requires a module of Node finds no `require` in a module; this gives it one. */
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

/** What a bundle came to. */
export interface Bundle {
  readonly files: number;
  readonly bytes: number;
}

/** Bundles every entry point of the package into `out` (absolute), which is emptied first. */
export async function bundle(out: string): Promise<Bundle> {
  rmSync(out, { recursive: true, force: true });
  const result = await build({
    absWorkingDir: root,
    entryPoints: {
      plugin: "cli/plugin.ts",
      plugsmith: "cli/plugsmith.ts",
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
    // The `main` of jsonc-parser is UMD, whose `require` no bundler can follow.
    mainFields: ["module", "main"],
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
    // A bin starts with `#!`, and only shared chunks hold CommonJS.
    if (needsRequire && file.text.startsWith("#!"))
      throw new Error(`\`${file.path}\` bundles CommonJS on the start path`);
    writeFileSync(file.path, needsRequire ? REQUIRE + file.text : file.contents);
    bytes += file.contents.length;
  }
  for (const bin of ["plugin", "plugsmith"]) chmodSync(`${out}/${bin}.js`, 0o755);
  return { files: result.outputFiles.length, bytes };
}
