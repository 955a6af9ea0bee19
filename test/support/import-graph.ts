import { readdirSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { scanImports, type ImportStatement } from "./import-scanner.ts";

/** Source texts by path from the project root, with forward slashes. */
export type SourceFiles = ReadonlyMap<string, string>;

/** A broken rule of the import graph. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What a check looked at and what it found. */
export interface GraphReport {
  readonly files: number;
  readonly imports: number;
  readonly violations: readonly Violation[];
}

/** The part of `package.json` that decides what a specifier means. */
export interface PackageManifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Folders that ship; every other folder of code (`test`, `bench`, `.ci`, `docs`) may import anything. */
export const SHIPPED = ["schemas", "plugin-api", "core", "marketplace", "builtin-plugins", "cli"] as const;

/** A folder that ships. */
export type Shipped = (typeof SHIPPED)[number];

type Arrow = "any" | "type-only" | "public-name";

/** The direct arrows between folders; what is not here is forbidden. */
export const ARROWS: Readonly<Record<Shipped, Readonly<Partial<Record<Shipped, Arrow>>>>> = {
  cli: { core: "any", marketplace: "any", "builtin-plugins": "any", "plugin-api": "any", schemas: "any" },
  core: { "plugin-api": "any", schemas: "any" },
  marketplace: { "plugin-api": "any", schemas: "any" },
  "builtin-plugins": { "plugin-api": "public-name" },
  "plugin-api": { schemas: "type-only" },
  schemas: {},
};

const SCHEMAS_PACKAGES: readonly string[] = ["zod", "gray-matter", "yaml", "jsonc-parser", "semver"];

const isShipped = (folder: string): folder is Shipped => SHIPPED.some((name) => name === folder);

type Target =
  | { readonly kind: "file"; readonly path: string; readonly byName: boolean }
  | { readonly kind: "builtin" }
  | { readonly kind: "package"; readonly name: string }
  | { readonly kind: "missing" };

function resolveImport(from: string, specifier: string, files: SourceFiles, manifest: PackageManifest): Target {
  if (specifier.startsWith(".")) {
    const path = posix.join(posix.dirname(from), specifier);
    // Data files (JSON) are not in the map; only code has to be.
    return files.has(path) || !/\.[cm]?[jt]s$/u.test(path)
      ? { kind: "file", path, byName: false }
      : { kind: "missing" };
  }
  if (isBuiltin(specifier)) return { kind: "builtin" };
  if (specifier === manifest.name || specifier.startsWith(`${manifest.name}/`)) {
    const source = manifest.exports[`.${specifier.slice(manifest.name.length)}`]?.["source"];
    if (source === undefined) return { kind: "missing" };
    return { kind: "file", path: posix.normalize(source), byName: true };
  }
  return { kind: "package", name: specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/") };
}

function packageRule(folder: Shipped, name: string, manifest: PackageManifest): string | undefined {
  if (folder === "plugin-api") return "`plugin-api` depends on no package";
  if (folder === "schemas" && !SCHEMAS_PACKAGES.includes(name)) {
    return `\`schemas\` may import only ${SCHEMAS_PACKAGES.join(", ")}`;
  }
  const declared = { ...manifest.dependencies, ...manifest.optionalDependencies };
  return name in declared ? undefined : `\`${name}\` is not in \`dependencies\` of package.json`;
}

function fileRule(from: string, target: { path: string; byName: boolean }, typeOnly: boolean): string | undefined {
  const [folder = "", unit = ""] = from.split("/");
  const [toFolder = "", toUnit = ""] = target.path.split("/");
  if (!isShipped(folder)) return undefined;
  if (folder === toFolder) {
    // Files directly in `builtin-plugins` are the table of contents; each folder in it is one plugin.
    const crosses = folder === "builtin-plugins" && from.split("/").length > 2 && unit !== toUnit;
    return crosses ? `built-in \`${unit}\` may not import \`${toUnit}\` of another` : undefined;
  }
  const arrow = isShipped(toFolder) ? ARROWS[folder][toFolder] : undefined;
  if (arrow === undefined) return `\`${folder}\` may not import \`${toFolder}\``;
  if (arrow === "type-only" && !typeOnly) return `\`${folder}\` may import only types from \`${toFolder}\``;
  if (arrow === "public-name" && !target.byName) return `\`${folder}\` imports \`${toFolder}\` by its public name only`;
  return undefined;
}

/** Hashing is pure; the generator of the JSON Schemas is a program that nothing imports. */
function isPureForSchemas(from: string, specifier: string): boolean {
  return specifier === "node:crypto" || from === "schemas/json/generate.ts";
}

function ruleOf(from: string, found: ImportStatement, files: SourceFiles, manifest: PackageManifest): string[] {
  const folder = from.split("/")[0] ?? "";
  const broken: string[] = [];
  if (!isShipped(folder)) return broken;
  if (found.kind === "export" && found.clause.startsWith("*")) broken.push("`export *` hides what a folder exports");
  const target = resolveImport(from, found.specifier, files, manifest);
  let rule: string | undefined;
  if (target.kind === "missing") rule = "the imported file does not exist";
  else if (target.kind === "file") rule = fileRule(from, target, found.typeOnly);
  else if (target.kind === "package") rule = packageRule(folder, target.name, manifest);
  else if (folder === "schemas" && !isPureForSchemas(from, found.specifier)) {
    rule = "`schemas` does no I/O and imports nothing of Node";
  } else if (folder === "plugin-api" && !found.typeOnly) rule = "`plugin-api` may import only types of Node";
  if (rule !== undefined) broken.push(rule);
  if (found.specifier === "zod" && !found.typeOnly && !found.dynamic && !found.clause.startsWith("*")) {
    broken.push('`zod` is imported as `import * as z from "zod"`, the named form loads every locale');
  }
  return broken;
}

/** Checks the imports of `checked` (by default every file) against the arrows of the house. */
export function checkImportGraph(
  files: SourceFiles,
  manifest: PackageManifest,
  checked: readonly string[] = [...files.keys()],
): GraphReport {
  const violations: Violation[] = [];
  let imports = 0;
  for (const file of checked) {
    for (const found of scanImports(files.get(file) ?? "")) {
      imports += 1;
      for (const rule of ruleOf(file, found, files, manifest)) {
        violations.push({ file, line: found.line, message: `\`${found.specifier}\`: ${rule}` });
      }
    }
  }
  return { files: checked.length, imports, violations };
}

/** The npm packages that loading `entry` loads before anything is called: the closure of its static value imports. */
export function packagesLoadedBy(entry: string, files: SourceFiles, manifest: PackageManifest): ReadonlySet<string> {
  const packages = new Set<string>();
  const seen = new Set<string>();
  const queue = [entry];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const source = files.get(path);
    if (seen.has(path) || source === undefined) continue;
    seen.add(path);
    for (const found of scanImports(source)) {
      if (found.typeOnly || found.dynamic) continue;
      const target = resolveImport(path, found.specifier, files, manifest);
      if (target.kind === "package") packages.add(target.name);
      if (target.kind === "file") queue.push(target.path);
    }
  }
  return packages;
}

/** Reads every TypeScript file of the folders of code below `root`; fixtures are data and left out. */
export function readSources(root: string): SourceFiles {
  const files = new Map<string, string>();
  for (const folder of [...SHIPPED, "test", "bench", ".ci"]) {
    for (const entry of readdirSync(posix.join(root, folder), { recursive: true, withFileTypes: true })) {
      const path = posix.join(entry.parentPath, entry.name);
      if (!entry.isFile() || !/\.[cm]?ts$/u.test(entry.name) || path.includes("/fixtures/")) continue;
      files.set(posix.relative(root, path), readFileSync(path, "utf8"));
    }
  }
  return files;
}
