import { readFileSync } from "node:fs";
import { basename, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Modules that export functions only and that most commands never call, each with what nobody else needs of a package:
 * zod and the schemas, `yaml` with `gray-matter`, `jsonc-parser`, `semver` for rules about versions, `tar` and `yauzl`, the client of npm registries, a lexer of modules, the SDK of
 * OpenTelemetry, the host of a single plugin, and what makes web pages.
 */
export const LAZY_MODULES: ReadonlySet<string> = new Set([
  "core/audit/send-records.ts",
  "core/isolate/announcements.ts",
  "marketplace/agents/doctor/toml-cuts.ts",
  "marketplace/agents/toml.ts",
  "marketplace/archives/tarball.ts",
  "marketplace/archives/write-tarball.ts",
  "marketplace/archives/zip.ts",
  "marketplace/author/pack/modules.ts",
  "marketplace/author/release/registry.ts",
  "marketplace/compare/text-lines.ts",
  "cli/ui/render-ui.ts",
  "marketplace/packages/content-cache.ts",
  "marketplace/packages/registry-request.ts",
  "marketplace/packages/registry-settings.ts",
  "marketplace/sbom/write-bom.ts",
  "marketplace/site/browser-files.ts",
  "marketplace/site/render-site.ts",
  "schemas/commented-json.ts",
  "schemas/frontmatter-yaml.ts",
  "schemas/read-plugin-tests.ts",
  "schemas/shapes.ts",
  "schemas/version-range.ts",
]);

/** Source of a module of the same functions, the first call of any of which loads the real one. */
export function lazily(names: readonly string[], load: string): string {
  return [
    "let loaded;",
    ...names.map((name) => `export function ${name}(...args) { return (loaded ??= ${load}).${name}(...args); }`),
  ].join("\n");
}

/** The functions that a module of ours exports; throws when it exports another value. */
export function exportedFunctions(file: string): readonly string[] {
  const exported = [
    ...readFileSync(file, "utf8").matchAll(/^export (?!type |interface )(?:async )?(\w+|\{)\*? ?(\w*)/gmu),
  ];
  const other = exported.find(([, kind]) => kind !== "function");
  if (other !== undefined)
    throw new Error(`${relative(root, file)} is loaded by its functions, so it cannot have \`${other[0]}\``);
  return exported.map(([, , name = ""]) => name);
}

/** Where a lazy module lies in the package, relative to `dist`, without extension. */
function outputName(file: string): string {
  return `lazy/${basename(file, ".ts")}`;
}

/** The lazy modules as entry points of a build of their own. */
export const lazyEntryPoints: Readonly<Record<string, string>> = Object.fromEntries(
  [...LAZY_MODULES].map((file) => [outputName(file), file]),
);

/** Evaluates each of `LAZY_MODULES`, a CommonJS file of its own, when the first of its functions is called. */
export const lazyModules: Plugin = lazyModulesBut();

/** The same without those whose packages the bundle has to evaluate for others anyway. */
export function lazyModulesBut(...eager: readonly string[]): Plugin {
  return {
    name: "lazy-modules",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^\..*\.ts$/ }, ({ kind, path, resolveDir }) => {
        const file = resolve(resolveDir, path);
        const name = relative(root, file);
        return kind === "import-statement" && LAZY_MODULES.has(name) && !eager.includes(name)
          ? { path: file, namespace: "lazy" }
          : undefined;
      });
      onLoad({ filter: /^/, namespace: "lazy" }, ({ path }) => {
        const from = `process.getBuiltinModule("node:module").createRequire(__filename)`;
        return { contents: lazily(exportedFunctions(path), `${from}(${JSON.stringify(`./${outputName(path)}.cjs`)})`) };
      });
    },
  };
}
