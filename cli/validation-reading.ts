import { basename, join, resolve } from "node:path";
import { statSync } from "node:fs";
import { openDirectoryTree } from "../core/platform/disk-file-tree.ts";
import { adviceAbout, hasLicence, type AdviceSubject } from "../marketplace/author/advice/index.ts";
import { scanPlugin } from "../marketplace/scan/scan-plugin.ts";
import { toldOnce } from "../marketplace/scan/told-once.ts";
import { DEFAULT_TREE_LIMITS } from "../marketplace/store/member-rules.ts";
import { scanTree } from "../marketplace/store/tree-scan.ts";
import { readCatalog, type Catalog } from "../schemas/catalog.ts";
import { validateCatalog } from "../schemas/catalog-validate.ts";
import type { Diagnostic } from "../schemas/diagnostic.ts";
import { CodedError, isCodedError } from "../schemas/errors.ts";
import type { FileTree } from "../schemas/formats/file-tree.ts";
import { validatePlugin } from "../schemas/formats/index.ts";
import type { CatalogEntry, PluginManifest } from "../schemas/plugin-manifest.ts";

const CATALOG = ".claude-plugin/marketplace.json";

/** What was looked at, and everything found wrong with it; files are relative to the path that was named. */
export interface Validation {
  readonly kind: "plugin" | "marketplace";
  readonly path: string;
  readonly plugins: readonly { readonly name: string; readonly provides: Readonly<Record<string, number>> }[];
  readonly diagnostics: readonly Diagnostic[];
  /** The plugins that advice is about. */
  readonly subjects: readonly AdviceSubject[];
}

/** Reads a plugin or marketplace as the host would, by the strict view for authors, with advice. Throws when the path is neither. */
export function validate(directory: string, path: string, expected: "any" | "marketplace"): Validation {
  const found = statSync(directory, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new CodedError("E_NOT_FOUND", `\`${path}\` does not exist`, {
      hint: "name the folder of a plugin or marketplace",
    });
  }
  if (found.isFile() && basename(directory) === "marketplace.json") {
    const parent = basename(resolve(directory, "..")) === ".claude-plugin" ? "../.." : "..";
    return validateMarketplace(resolve(directory, parent), path);
  }
  if (found.isFile() && basename(directory) === "plugin.json") {
    const parent = basename(resolve(directory, "..")) === ".claude-plugin" ? "../.." : "..";
    return validate(resolve(directory, parent), path, expected);
  }
  if (!found.isDirectory()) {
    throw new CodedError("E_NOT_FOUND", `\`${path}\` is a file`, {
      hint: "name the folder of a plugin or marketplace",
    });
  }
  const isMarketplace = openDirectoryTree(directory).stat(CATALOG)?.kind === "file";
  if (isMarketplace) return validateMarketplace(directory, path);
  if (expected === "marketplace") {
    throw new CodedError("E_CATALOG", `\`${path}\` is no marketplace: it has no \`${CATALOG}\``, {
      hint: `for a plugin use \`plugin validate ${path}\``,
    });
  }
  const tree = openDirectoryTree(directory);
  const { manifest, diagnostics } = validatePlugin(tree, { fallbackName: basename(directory) });
  const subjects = manifest === undefined ? [] : [{ manifest, tree, folder: "", licensed: false }];
  return {
    kind: "plugin",
    path: directory,
    plugins: manifest === undefined ? [] : [inventory(manifest)],
    diagnostics: toldOnce([
      ...diagnostics,
      ...missingEntry(manifest, tree),
      ...scanned(subjects),
      ...adviceAbout(subjects),
    ]),
    subjects,
  };
}

/** What a scan finds in plugins, before those who install them are shown it; a tree that could not be installed says why. */
function scanned(subjects: readonly AdviceSubject[]): readonly Diagnostic[] {
  return subjects.flatMap(({ manifest, tree, folder }) => {
    const located = (found: Diagnostic): Diagnostic =>
      found.file === undefined || folder === "" ? found : { ...found, file: `${folder}/${found.file}` };
    try {
      const skip = (path: string): boolean => path === ".git";
      const { members } = scanTree(tree, { limits: DEFAULT_TREE_LIMITS, skip, onFile: () => undefined });
      return scanPlugin(manifest, members, tree).map(located);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      return [{ code: error.code, severity: "error", message: error.message, hint: error.hint, file: folder }];
    }
  });
}

/** Code that is not there: the plugin would be refused when it is added. */
function missingEntry(manifest: PluginManifest | undefined, tree: FileTree): readonly Diagnostic[] {
  const entry = manifest?.plugsmith?.entry;
  if (entry === undefined || tree.stat(entry.replace(/^\.\//u, ""))?.kind === "file") return [];
  return [
    {
      code: "E_NOT_FOUND",
      severity: "error",
      message: `the entry names \`${entry}\`, which is not a file of the plugin`,
      hint: "write the file, or correct `plugsmith.entry`",
      dropped: "plugin",
      ...manifest?.provenance["plugsmith.entry"],
    },
  ];
}

function inventory(manifest: PluginManifest): Validation["plugins"][number] {
  const provides: Record<string, number> = {};
  for (const { kind } of manifest.contributions) provides[kind] = (provides[kind] ?? 0) + 1;
  if (manifest.plugsmith?.entry !== undefined) provides["entry"] = 1;
  return { name: manifest.name, provides };
}

function validateMarketplace(directory: string, path: string): Validation {
  const tree = openDirectoryTree(directory);
  const text = tree.read(CATALOG) ?? tree.read("marketplace.json");
  if (text === undefined) throw new CodedError("E_CATALOG", `\`${path}\` has no \`${CATALOG}\``);
  const diagnostics: Diagnostic[] = [...validateCatalog(text, { file: CATALOG })];
  const plugins: Validation["plugins"][number][] = [];
  const subjects: AdviceSubject[] = [];
  const licensed = hasLicence((tree.list("") ?? []).map(({ name }) => name));
  const catalog = readable(text);
  for (const entry of catalog?.entries ?? []) {
    const read = readEntry(directory, entry, catalog?.name);
    if (read === undefined) continue;
    diagnostics.push(...read.diagnostics);
    if (read.manifest === undefined) continue;
    plugins.push({ ...inventory(read.manifest), name: entry.name });
    subjects.push({ manifest: read.manifest, tree: read.tree, folder: read.folder, licensed });
  }
  diagnostics.push(...scanned(subjects), ...adviceAbout(subjects));
  return { kind: "marketplace", path: directory, plugins, diagnostics: toldOnce(diagnostics), subjects };
}

/** The catalog; `undefined` when it cannot be read, which `validateCatalog` has reported. */
function readable(text: Uint8Array): Catalog | undefined {
  try {
    return readCatalog(text, { file: CATALOG }).value;
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}

/** A plugin that lies in the marketplace itself. */
type ReadEntry =
  | { readonly manifest: undefined; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly manifest: PluginManifest;
      readonly tree: FileTree;
      readonly folder: string;
      readonly diagnostics: readonly Diagnostic[];
    };

/** Reads a plugin that lies in the marketplace itself; others are not fetched. */
function readEntry(directory: string, entry: CatalogEntry, market: string | undefined): ReadEntry | undefined {
  if (entry.source.kind !== "relative") return undefined;
  const { path } = entry.source;
  const located = (diagnostic: Diagnostic): Diagnostic =>
    diagnostic.file === undefined || path === "" ? diagnostic : { ...diagnostic, file: `${path}/${diagnostic.file}` };
  try {
    const tree = openDirectoryTree(join(directory, path));
    const { manifest, diagnostics } = validatePlugin(tree, {
      entry,
      market,
      rootIsMarketplace: path === "",
      fallbackName: entry.name,
    });
    return manifest === undefined
      ? { manifest, diagnostics: diagnostics.map(located) }
      : { manifest, tree, folder: path, diagnostics: diagnostics.map(located) };
  } catch (error) {
    if (!isCodedError(error)) throw error;
    const { code, message, hint } = error;
    const place = { file: entry.where.file, line: entry.where.line, column: entry.where.column };
    return {
      manifest: undefined,
      diagnostics: [{ code, severity: "error", message: `\`${entry.name}\`: ${message}`, hint, ...place }],
    };
  }
}
