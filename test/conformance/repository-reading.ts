import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import { Findings } from "../../schemas/formats/findings.ts";
import type { FileTree, PluginReading, ReadPluginOptions } from "../../schemas/formats/index.ts";
import { readPlugin } from "../../schemas/formats/index.ts";
import { parentPath } from "../../schemas/formats/tree-path.ts";
import { readCatalog } from "../../schemas/marketplace.ts";
import { findUnits } from "./corpus-files.ts";
import { readUnit } from "./unit-reading.ts";
import type { UnitReading } from "./unit-reading.ts";

/** What reading a whole repository gave. */
export interface RepositoryReading {
  readonly repository: string;
  readonly units: readonly UnitReading[];
  /** Plugins, by root and by the catalog entry that lists them. */
  readonly plugins: readonly {
    readonly root: string;
    readonly entry?: string | undefined;
    readonly reading: PluginReading;
  }[];
  /** Findings with paths relative to the repository, each once. */
  readonly diagnostics: readonly Diagnostic[];
  /** Errors that are defects of ours: `where: message`. */
  readonly crashes: readonly string[];
  /** Things that gave nothing and no finding. */
  readonly silent: readonly string[];
  readonly ms: number;
}

/** Reads a repository: every file by itself, and every plugin by its root and by each entry that lists it. */
export function readRepository(directory: string, repository: string): RepositoryReading {
  const started = performance.now();
  const path = join(directory, repository);
  const findings = new Findings();
  let tree: FileTree;
  try {
    tree = openDirectoryTree(path);
  } catch (problem) {
    findings.caught(problem, "", "repository");
    const ms = performance.now() - started;
    return { repository, units: [], plugins: [], diagnostics: findings.all(), crashes: [], silent: [], ms };
  }
  const open = memoised((root: string): FileTree => openDirectoryTree(join(path, root)));
  const crashes: string[] = [];
  const silent: string[] = [];
  const attempt = <T>(where: string, read: () => T): T | undefined => {
    try {
      return read();
    } catch (problem) {
      crashes.push(`${where}: ${problem instanceof Error ? (problem.stack ?? problem.message) : String(problem)}`);
      return undefined;
    }
  };
  const found = findUnits(tree, findings);
  const units = found.flatMap((unit) => {
    const reading = attempt(unit.file, () => readUnit(tree, unit, open));
    return reading === undefined ? [] : [reading];
  });
  for (const { unit, loaded, diagnostics } of units) {
    if (!loaded && !diagnostics.some(({ severity }) => severity === "error")) silent.push(unit.file);
  }

  const plugins: { root: string; entry?: string; reading: PluginReading }[] = [];
  const add = (root: string, options: ReadPluginOptions): void => {
    const entry = options.entry?.name;
    const where = entry === undefined ? root : `${root} as \`${entry}\``;
    const opened = attempt(where, () => openOrReport(open, root, findings));
    const reading = opened && attempt(where, () => readPlugin(opened, options));
    if (reading === undefined) return;
    plugins.push({ root, ...(entry !== undefined && { entry }), reading });
    if (reading.manifest === undefined && !reading.diagnostics.some(({ severity }) => severity === "error"))
      silent.push(where);
  };
  for (const { kind, file } of found) {
    if (kind === "plugin") add(parentPath(parentPath(file)), {});
    if (kind === "agent-plugin") add(parentPath(file), {});
    if (kind === "marketplace") attempt(file, () => readListed(tree, file, add));
  }
  for (const directoryOfSkill of bareSkills(found.map(({ file }) => file)))
    add(directoryOfSkill, { fallbackName: "skill" });
  const diagnostics = unique([
    ...findings.all(),
    ...units.flatMap((unit) => unit.diagnostics),
    ...plugins.flatMap(({ root, reading }) => reading.diagnostics.map((finding) => relocate(finding, root))),
  ]);
  return { repository, units, plugins, diagnostics, crashes, silent, ms: performance.now() - started };
}

function readListed(tree: FileTree, file: string, add: (root: string, options: ReadPluginOptions) => void): void {
  const market = parentPath(parentPath(file));
  try {
    const { value } = readCatalog(tree.read(file) ?? "", { file });
    for (const entry of value.entries) {
      if (entry.source.kind !== "relative") continue;
      const root = [market, entry.source.path].filter((part) => part !== "").join("/");
      if (tree.stat(root)?.kind !== "directory") continue;
      add(root, { entry, rootIsMarketplace: entry.source.path === "" });
    }
  } catch (problem) {
    if (!isCodedError(problem)) throw problem;
  }
}

/** A folder that the catalog lists and the system does not open is a finding. */
function openOrReport(open: (root: string) => FileTree, root: string, findings: Findings): FileTree | undefined {
  try {
    return open(root);
  } catch (problem) {
    findings.caught(problem, root, "plugin");
    return undefined;
  }
}

/** Skill folders that lie in no plugin. */
function bareSkills(files: readonly string[]): readonly string[] {
  const roots = files
    .filter((file) => file.endsWith(".claude-plugin/plugin.json"))
    .map((file) => parentPath(parentPath(file)));
  const inPlugin = (file: string): boolean => roots.some((root) => root === "" || file.startsWith(`${root}/`));
  return files.filter((file) => file.endsWith("SKILL.md") && !inPlugin(file)).map((file) => parentPath(file));
}

function relocate(finding: Diagnostic, root: string): Diagnostic {
  const listed = finding.file?.endsWith("marketplace.json") === true;
  return root === "" || listed || finding.file === undefined
    ? finding
    : { ...finding, file: `${root}/${finding.file}` };
}

function unique(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const byText = new Map(
    diagnostics.map((finding) => [`${finding.code} ${finding.file} ${finding.line} ${finding.message}`, finding]),
  );
  return [...byText.values()];
}

function memoised<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
