import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import {
  ARROWS,
  checkImportGraph,
  packagesLoadedBy,
  readSources,
  SHIPPED,
  type PackageManifest,
  type SourceFiles,
} from "./support/import-graph.ts";
import { scanImports } from "./support/import-scanner.ts";
import { BUILTIN_NAMES } from "../cli/builtin-ids.ts";
import { builtinNames } from "./support/test-host.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
// The project's own manifest, whose shape the type-checked build relies on.
const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as PackageManifest;
const sources = readSources(root);

/** The sources with more files, and one target in every folder so that each planted import resolves. */
function withFiles(extra: Readonly<Record<string, string>>): SourceFiles {
  const targets = SHIPPED.map((folder): [string, string] => [
    folder === "builtin-plugins" ? "builtin-plugins/first/planted.ts" : `${folder}/planted-target.ts`,
    "export interface Target { readonly a: 1 }",
  ]);
  return new Map([...sources, ...targets, ...Object.entries(extra)]);
}

function refusals(file: string, source: string, extra: Readonly<Record<string, string>> = {}): readonly string[] {
  const report = checkImportGraph(withFiles({ ...extra, [file]: source }), manifest, [file]);
  expect(report.imports).toBe(1);
  return report.violations.map((violation) => violation.message);
}

const relativeTarget = (folder: string): string =>
  folder === "builtin-plugins" ? "../builtin-plugins/first/planted.ts" : `../${folder}/planted-target.ts`;

const missingArrows = SHIPPED.flatMap((from) =>
  [...SHIPPED, "test", "bench", ".ci"]
    .filter((to) => to !== from && !Object.hasOwn(ARROWS[from], to))
    .map((to) => ({ from, to })),
);

describe("the import graph", () => {
  it("holds for the project as it stands", () => {
    const report = checkImportGraph(sources, manifest);
    expect(report.files).toBeGreaterThan(0);
    expect(report.imports).toBeGreaterThan(0);
    expect(report.violations).toEqual([]);
  });

  it("has a missing arrow to plant for every shipped folder", () => {
    expect(new Set(missingArrows.map((arrow) => arrow.from))).toEqual(new Set(SHIPPED));
  });

  it.each(missingArrows)("refuses a planted import from $from to $to", ({ from, to }) => {
    const target = SHIPPED.some((name) => name === to) ? relativeTarget(to) : `../${to}/planted-target.ts`;
    const extra = { [`${to}/planted-target.ts`]: "export const a = 1;" };
    for (const statement of [
      `import { a } from "${target}";`,
      `import type { Target } from "${target}";`,
      `export { a } from "${target}";`,
      `const a = await import("${target}");`,
    ]) {
      expect(refusals(`${from}/planted.ts`, statement, extra)).toEqual([
        `\`${target}\`: \`${from}\` may not import \`${to}\``,
      ]);
    }
  });

  it("accepts a planted import along every arrow that exists", () => {
    for (const from of SHIPPED) {
      for (const [to, arrow] of Object.entries(ARROWS[from])) {
        const specifier = arrow === "public-name" ? "plugsmith/plugin-api" : relativeTarget(to);
        const statement = `import ${arrow === "type-only" ? "type " : ""}{ Target } from "${specifier}";`;
        expect(refusals(`${from}/planted.ts`, statement)).toEqual([]);
      }
    }
  });

  const table: readonly (readonly [name: string, file: string, source: string])[] = [
    [
      "a value import from plugin-api to schemas",
      "plugin-api/planted.ts",
      'import { a } from "../schemas/planted-target.ts";',
    ],
    [
      "inline type imports, which still load the module",
      "plugin-api/planted.ts",
      'import { type Target } from "../schemas/planted-target.ts";',
    ],
    ["a package in plugin-api", "plugin-api/planted.ts", 'import type * as z from "zod";'],
    ["a run-time import of Node in plugin-api", "plugin-api/planted.ts", 'import { readFileSync } from "node:fs";'],
    ["Node in schemas", "schemas/planted.ts", 'import { posix } from "node:path";'],
    ["Node without its prefix in schemas", "schemas/planted.ts", 'import { posix } from "path";'],
    ["a package outside the list in schemas", "schemas/planted.ts", 'import { parse } from "picomatch";'],
    ["a package that is no dependency", "core/planted.ts", 'import { build } from "esbuild";'],
    [
      "plugin-api by its path in a built-in",
      "builtin-plugins/second/a.ts",
      'import { a } from "../../plugin-api/planted-target.ts";',
    ],
    ["one built-in importing another", "builtin-plugins/second/a.ts", 'import { a } from "../first/planted.ts";'],
    ["the public SDK from core", "core/planted.ts", 'import { open } from "plugsmith";'],
    ["an entry that the package does not export", "builtin-plugins/second/a.ts", 'import { a } from "plugsmith/core";'],
    ["a file that does not exist", "core/planted.ts", 'import { a } from "./nowhere.ts";'],
    ["`export *`", "core/planted.ts", 'export * from "../schemas/planted-target.ts";'],
    ["`export * as`", "core/planted.ts", 'export * as all from "../schemas/planted-target.ts";'],
    ["the named import of zod", "schemas/planted.ts", 'import { z } from "zod";'],
    [
      "a forbidden import after a regular expression with a quote",
      "core/planted.ts",
      'const q = /["]/;\nimport "../marketplace/planted-target.ts";',
    ],
    [
      "a forbidden import inside a template substitution",
      "core/planted.ts",
      'const t = `${await import("../marketplace/planted-target.ts")}`;',
    ],
  ];
  it.each(table)("refuses %s", (_name, file, source) => {
    expect(refusals(file, source)).toHaveLength(1);
  });

  it("does not mistake text for imports", () => {
    const source = [
      '// import { a } from "../marketplace/a.ts";',
      '/* export * from "x"; */',
      "const text = \"import { a } from '../marketplace/a.ts'\";",
      'const template = `import { a } from "../marketplace/a.ts"`;',
      'export const from = "nothing";',
      'object.import("x");',
    ].join("\n");
    expect(scanImports(source)).toEqual([]);
  });

  it("reports clause, line and kind of each form", () => {
    const source =
      'import a, {\n  type B,\n} from "x";\nimport type C from "y";\nimport "z";\nimport type from "w";\nexport type { D } from "v";';
    expect(scanImports(source).map(({ specifier, line, typeOnly }) => [specifier, line, typeOnly])).toEqual([
      ["x", 1, false],
      ["y", 4, true],
      ["z", 5, false],
      ["w", 6, false],
      ["v", 7, true],
    ]);
  });

  it("follows static imports only when it lists what an entry loads", () => {
    const files = new Map([
      ["cli/a.ts", 'import "./b.ts"; import type { T } from "zod"; const lazy = () => import("./c.ts");'],
      ["cli/b.ts", 'import { gt } from "semver";'],
      ["cli/c.ts", 'import * as z from "zod";'],
    ]);
    expect([...packagesLoadedBy("cli/a.ts", files, manifest)]).toEqual(["semver"]);
  });
});

describe("the kernel", () => {
  const ofFolder = (folder: string): readonly (readonly [string, string])[] =>
    [...sources].filter(([path]) => path.startsWith(`${folder}/`));
  /** What stands between quotes in code, not in comments. */
  const literals = (source: string): readonly string[] =>
    [...stripComments(source).matchAll(/"([^"\n]*)"|'([^'\n]*)'|`([^`$]*)`/gu)].map(
      ([, double, single, template]) => double ?? single ?? template ?? "",
    );
  /** Names of the tools that built-ins announce, and what models are called. */
  const tools = new Set(
    builtinManifests().flatMap(({ plugsmith }) =>
      (plugsmith.contributes?.["plugsmith/tool"] ?? []).flatMap(({ name, aliases = [] }) => [name, ...aliases]),
    ),
  );
  const model = /^(?:scripted|anthropic|(?:claude-)?(?:fable|haiku|opus|sonnet)\b)/u;

  it.each(["core", "plugin-api"])("knows no tool and no model by name: %s", (folder) => {
    const files = ofFolder(folder);
    expect(files.length).toBeGreaterThan(20);
    const all = files.flatMap(([path, source]) => literals(source).map((text) => ({ path, text })));
    expect(all.length).toBeGreaterThan(100);
    expect([...tools]).toEqual(expect.arrayContaining(["Agent", "Bash", "Edit", "Read", "Skill", "Task", "Write"]));
    expect(all.filter(({ text }) => tools.has(text) || model.test(text))).toEqual([]);
  });

  /** A key of a point, event or service; the package's own name for its public interface is none. */
  const KEY = /^plugsmith\/(?!plugin-api)[a-z-]+$/u;

  it("has no point, event or service key of its own: they are declared in plugin-api and owned by plugins", () => {
    const found = ofFolder("core").flatMap(([path, source]) =>
      literals(source).flatMap((text) => (KEY.test(text) ? [{ path, text }] : [])),
    );
    const declared = ofFolder("core").filter(([, source]) =>
      /\b(?:definePoint|defineGuardedPoint|defineService|(?:observe|transform|first)Event)\(/u.test(
        stripComments(source),
      ),
    );
    const shared = ofFolder("plugin-api").flatMap(([, source]) => literals(source).filter((text) => KEY.test(text)));
    expect(shared.length).toBeGreaterThan(20);
    expect([found, declared.map(([path]) => path)]).toEqual([[], []]);
  });

  it("uses no point", () => {
    const imports = ofFolder("core").flatMap(([path, source]) =>
      scanImports(source)
        .filter(({ specifier }) => /\/plugin-api\/points\//u.test(specifier))
        .map(({ specifier }) => `${path}: ${specifier}`),
    );
    expect(imports).toEqual([]);
  });
});

describe("the packages of the house", () => {
  it.each(["cli/plugin.ts", "cli/plugsmith.ts", "cli/main.ts"])("loads no package when %s starts", (entry) => {
    expect(sources.has(entry)).toBe(true);
    expect([...packagesLoadedBy(entry, sources, manifest)]).toEqual([]);
  });

  it("has one file that parses front matter with gray-matter", () => {
    const importers = [...sources].filter(
      ([path, source]) =>
        !path.startsWith("test/") && scanImports(source).some(({ specifier }) => specifier.startsWith("gray-matter")),
    );
    expect(importers).toHaveLength(1);
  });
});

describe("the names of the house", () => {
  it("has no folder or file whose name says nothing", () => {
    const names = [...sources.keys()].flatMap((path) =>
      path.split("/").map((part) => ({ path, name: part.replace(/\..*$/u, "") })),
    );
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter(({ name }) => /^(?:src|lib|utils?|common|helpers?|misc|scripts|manager)$/u.test(name))).toEqual(
      [],
    );
  });

  it("has the built-in plugins that a name is compared with", () => {
    expect(builtinNames().toSorted()).toEqual(BUILTIN_NAMES);
    expect(builtinManifests().map(({ name }) => name)).toEqual(builtinNames());
  });

  it("has only the top-level folders of the plan", () => {
    const allowed = [...SHIPPED, "test", "docs", "bench", ".ci", ".git", "node_modules", "dist"];
    const folders = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.length).toBeGreaterThan(0);
    expect(folders.map((entry) => entry.name).filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

/** Code without its comments; a quoted text is left as it stands. */
function stripComments(source: string): string {
  return source.replaceAll(
    /("(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`)|\/\/[^\n]*|\/\*[^]*?\*\//gu,
    (_match, text?: string) => text ?? "",
  );
}

interface AnnouncedTools {
  readonly name: string;
  readonly plugsmith: {
    readonly contributes?: Readonly<
      Record<string, readonly { readonly name: string; readonly aliases?: readonly string[] }[]>
    >;
  };
}

/** The manifests of the built-ins, whose shape the host checks. */
function builtinManifests(): readonly AnnouncedTools[] {
  return builtinNames().map(
    (name) =>
      JSON.parse(readFileSync(`${root}builtin-plugins/${name}/.claude-plugin/plugin.json`, "utf8")) as AnnouncedTools,
  );
}
