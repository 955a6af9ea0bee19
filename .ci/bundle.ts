import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type BuildResult, type Plugin } from "esbuild";
import { builtins } from "./builtin-modules.ts";
import { bundleFaults } from "./bundle-faults.ts";
import { builtinBuild, builtinManifestFile, hostBuild } from "./host-bundle.ts";
import { EXTERNAL } from "./external-packages.ts";
import { exportedFunctions, lazyEntryPoints, lazyModules } from "./lazy-modules.ts";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Dynamic imports that the start file holds itself: every file that is opened at start costs half a millisecond. */
const START_VERBS: ReadonlySet<string> = new Set([
  "session/start",
  "verbs/list",
  "verbs/completion",
  "verbs/serve",
  "help",
]);

/** Dynamic imports that need none of the engine; all others are one file, which is kept compiled (`cli/compiled-engine.ts`). */
const LIGHT: ReadonlySet<string> = new Set([
  "builtin-switch",
  "verbs/config-get",
  "verbs/config-list",
  "verbs/config-set",
  "verbs/config-unset",
  "verbs/generations",
  "verbs/test",
  "print/diagnostic-lines",
  "print/error-report",
  "core/discover/admits",
  "schemas/names",
  "schemas/tree-digest",
  "marketplace/generations/recover",
]);

const COMMON = {
  absWorkingDir: root,
  bundle: true,
  format: "esm",
  platform: "node",
  // The `main` of jsonc-parser is UMD, whose `require` no bundler can follow.
  mainFields: ["module", "main"],
  target: "node22",
  conditions: ["source"],
  external: EXTERNAL.flatMap((name) => [name, `${name}/*`]),
  // What is read and decoded at every start counts.
  minify: true,
  legalComments: "linked",
  metafile: true,
  write: false,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** What browsers load: classic scripts, so that a page also works from a folder, and the style sheet. */
const BROWSER = {
  absWorkingDir: root,
  bundle: true,
  format: "iife",
  platform: "browser",
  target: ["chrome123", "firefox128", "safari17.5"],
  entryPoints: {
    site: "marketplace/site/browser/site.ts",
    ui: "cli/ui/browser/ui.ts",
    "ui-style": "cli/ui/browser/ui.css",
    style: "marketplace/site/browser/site.css",
    icon: "marketplace/site/browser/icon.svg",
  },
  loader: { ".svg": "copy" },
  minify: true,
  legalComments: "none",
  metafile: true,
  write: false,
  logLevel: "warning",
} as const satisfies BuildOptions;

/** Where the output of a source file lies below `dist`, without extension; the folder `cli` is its root. */
function outputName(source: string): string {
  return relative(root, source)
    .replace(/\.ts$/u, "")
    .replace(/^cli\//u, "");
}

/**
 * Leaves every dynamic import of the start file but `START_VERBS` to other files: a light one to its own, the others to the
 * engine. Tells which those are.
 */
function boundary(light: Map<string, string>, heavy: Map<string, string>): Plugin {
  return {
    name: "boundary",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\./ }, ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const source = resolve(resolveDir, path);
        const name = outputName(source);
        if (START_VERBS.has(name)) return undefined;
        if (name === "session/main" || name === "serve/serve") return { path: "./session.js", external: true };
        if (name !== "main" && !LIGHT.has(name)) {
          heavy.set(name, source);
          return { path: source, namespace: "door" };
        }
        if (name !== "main") light.set(name, source);
        return { path: `./${name}.js`, external: true };
      });
      onResolve({ filter: /^engine$/, namespace: "door" }, () => ({ path: "engine", namespace: "opened" }));
      onLoad({ filter: /^/, namespace: "door" }, ({ path }) => ({ contents: doorTo(path) }));
      onLoad({ filter: /^/, namespace: "opened" }, () => ({ contents: OPENED_ENGINE, resolveDir: root }));
    },
  };
}

/** Leaves the host to its own file also where a verb needs it. */
const hostDoor: Plugin = {
  name: "host-door",
  setup({ onResolve }) {
    onResolve({ filter: /\/session\/entry\.ts$/ }, () => ({ path: "../session.js", external: true }));
  },
};

/** Source of the module that holds the evaluated engine. */
const OPENED_ENGINE = [
  'import { fileURLToPath } from "node:url";',
  'import { openEngine } from "./cli/compiled-engine.ts";',
  'export const engine = openEngine(fileURLToPath(new URL("engine.cjs", import.meta.url)));',
].join("\n");

/** Source of the module that stands for one of the engine. */
function doorTo(source: string): string {
  const name = outputName(source);
  const exports = name.startsWith("verbs/") ? ["verb"] : exportedFunctions(source);
  return [
    'import { engine } from "engine";',
    `engine.uses(${JSON.stringify(name)});`,
    `export const { ${exports.join(", ")} } = engine.exports.parts[${JSON.stringify(name)}]();`,
  ].join("\n");
}

/** One module made of all the given ones, each evaluated with what it needs when it is asked for first. */
function engine(modules: readonly (readonly [name: string, source: string])[]): Plugin {
  return {
    name: "engine",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^engine$/ }, () => ({ path: "engine", namespace: "engine" }));
      onLoad({ filter: /^/, namespace: "engine" }, () => ({
        contents: [
          "export const parts = {",
          ...modules.map(([name, source]) => `${JSON.stringify(name)}: () => require(${JSON.stringify(source)}),`),
          "};",
        ].join("\n"),
        resolveDir: root,
      }));
    },
  };
}

/** The engine behind a line that names its content, as `openEngine` expects it: one byte a character. */
function named(text: string): string {
  if (Buffer.byteLength(text) !== text.length)
    throw new Error("the engine is not plain ASCII: write other characters in regular expressions as `\\u....`");
  return `// ${createHash("sha256").update(text).digest("hex")}\n${text}`;
}

/** Source of the package's root: `cli/sdk.ts` over the files that the package has. */
const SDK = `import { parts } from "./engine.cjs";
export { createHost } from "./session.js";
export const { openPlugsmith } = parts["open-plugsmith"]();
export const { CodedError, isCodedError } = parts["schemas/errors"]();
`;

/** What the root of the package has of the engine. */
const SDK_SOURCES: readonly (readonly [name: string, source: string])[] = [
  ["open-plugsmith", join(root, "cli/open-plugsmith.ts")],
  ["schemas/errors", join(root, "schemas/errors.ts")],
];

/** What a bundle came to. */
export interface Bundle {
  readonly files: number;
  readonly bytes: number;
}

/**
 * Bundles into `out` what a code plugin's own process runs. It may read that folder only, so all of it is in there, and `.mjs` says
 * the format because a `package.json` above is not read.
 */
export async function isolatedFiles(
  out: string,
): Promise<BuildResult<{ readonly write: false; readonly metafile: true }>> {
  return build({
    ...COMMON,
    entryPoints: { child: "core/isolate/child/entry.ts", "plugin-api": "plugin-api/index.ts" },
    outdir: out,
    outExtension: { ".js": ".mjs" },
    plugins: [builtins],
  });
}

/**
 * Bundles every entry point of the package into `out` (absolute), which is emptied first: the bins alone, the start
 * path in one file, and the rest split so that a verb loads only what it needs.
 */
export async function bundle(out: string): Promise<Bundle> {
  rmSync(out, { recursive: true, force: true });
  const found = { light: new Map<string, string>(), heavy: new Map(SDK_SOURCES) };
  const start = await build({
    ...COMMON,
    entryPoints: { plugin: "cli/plugin.ts", plugsmith: "cli/plugsmith.ts", main: "cli/main.ts" },
    outdir: out,
    plugins: [boundary(found.light, found.heavy), builtins],
  });
  const light = await build({
    ...COMMON,
    entryPoints: Object.fromEntries(found.light),
    outdir: out,
    chunkNames: "chunks/[name]-[hash]",
    splitting: true,
    plugins: [hostDoor, builtins],
  });
  const api = await build({
    ...COMMON,
    // Authors meet these names in their stacks.
    minifyIdentifiers: false,
    entryPoints: { "plugin-api": "plugin-api/index.ts", "plugin-api-testing": "plugin-api/testing.ts" },
    outdir: out,
    plugins: [builtins],
  });
  const rest = await build({
    ...COMMON,
    entryPoints: { engine: "engine" },
    outdir: out,
    format: "cjs",
    outExtension: { ".js": ".cjs" },
    plugins: [engine([...found.heavy]), lazyModules, builtins],
  });
  const lazy = await build({
    ...COMMON,
    entryPoints: lazyEntryPoints,
    outdir: out,
    format: "cjs",
    define: { "import.meta.filename": "__filename" },
    outExtension: { ".js": ".cjs" },
    plugins: [builtins],
  });
  const isolated = await isolatedFiles(join(out, "isolate"));
  const host = await build({ ...COMMON, ...hostBuild, outdir: out });
  // Bundled: the package and its zod are a hundred files, which take longer to open than all that `plugin serve` does before its first answer.
  const served = await build({
    ...COMMON,
    external: [],
    entryPoints: { "mcp-sdk": "cli/serve/mcp-sdk.ts" },
    outdir: out,
    plugins: [builtins],
  });
  const builtin = await build({ ...COMMON, ...builtinBuild, outdir: out });
  const browser = await build({ ...BROWSER, outdir: join(out, "browser") });
  const built = [start, light, api, rest, lazy, isolated, host, served, builtin, browser];
  const files = built.flatMap(({ outputFiles }) => outputFiles);
  const broken = bundleFaults({
    built: built.map(({ metafile }) => metafile),
    engine: rest.metafile,
    host: host.metafile,
    files,
  });
  if (broken.length > 0) throw new Error(`the bundle is not as it has to be:\n${broken.join("\n")}`);
  let bytes = 0;
  for (const file of files) {
    mkdirSync(dirname(file.path), { recursive: true });
    const contents = basename(file.path) === "engine.cjs" ? named(file.text) : file.contents;
    writeFileSync(file.path, contents);
    bytes += contents.length;
  }
  writeFileSync(join(out, "builtin-plugins/manifests.json"), builtinManifestFile(out));
  writeFileSync(join(out, "sdk.js"), SDK);
  for (const bin of ["plugin", "plugsmith"]) chmodSync(`${out}/${bin}.js`, 0o755);
  return { files: files.length, bytes };
}
