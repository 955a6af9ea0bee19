import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { openDirectoryTree } from "../../core/platform/disk-file-tree.ts";
import { readTests } from "../../marketplace/author/routing/test-files.ts";
import { unloadable } from "../../marketplace/author/unloadable.ts";
import { readCatalog } from "../../schemas/catalog.ts";
import { CodedError } from "../../schemas/errors.ts";
import { executables, readPlugin } from "../../schemas/formats/index.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { requireTrust } from "../required-trust.ts";
import type { ReadTests } from "../../schemas/read-plugin-tests.ts";

/** A plugin under test. */
export interface Subject {
  /** Real path. */
  readonly directory: string;
  readonly manifest: PluginManifest;
  readonly tests: ReadTests;
}

const CATALOG = ".claude-plugin/marketplace.json";
const MANIFESTS = [".claude-plugin/plugin.json", "plugin.json", "SKILL.md"] as const;

/** Whether a folder looks like a plugin or a marketplace. */
export function isSubject(directory: string): boolean {
  return [...MANIFESTS, CATALOG].some((file) => existsSync(join(directory, file)));
}

/** Whether a folder is a marketplace and no plugin itself. */
export function isMarketplace(directory: string): boolean {
  return existsSync(join(directory, CATALOG)) && !existsSync(join(directory, MANIFESTS[0]));
}

/** The plugin in a folder, or those that lie in the marketplace there. Throws `E_NOT_FOUND`, `E_MANIFEST`. */
export function subjectsIn(directory: string, shown: string): readonly Subject[] {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new CodedError("E_NOT_FOUND", `\`${shown}\` is no folder`, { hint: "name the folder of a plugin" });
  const catalog = openDirectoryTree(directory).read(CATALOG);
  if (catalog === undefined || !isMarketplace(directory)) return [subject(directory, shown)];
  return readCatalog(catalog, { file: CATALOG }).value.entries.flatMap(({ source }) =>
    source.kind === "relative" ? [subject(resolve(directory, source.path), source.path)] : [],
  );
}

function subject(directory: string, shown: string): Subject {
  const real = realpathSync(directory);
  const tree = openDirectoryTree(real);
  const { manifest, diagnostics } = readPlugin(tree, { fallbackName: basename(real) });
  if (manifest === undefined) throw unloadable(diagnostics, shown);
  return { directory: real, manifest, tests: readTests(tree) };
}

/**
 * Refuses to run what a folder brings that nobody trusts: whoever tests a plugin runs its hooks, servers and code. A plugin that
 * cannot execute anything needs no trust. Throws `E_TRUST`.
 */
export function requireTestTrust(
  { directory, manifest, tests }: Subject,
  shown: string,
  environment: Readonly<Record<string, string | undefined>>,
): void {
  const scripts = tests.cases.some(({ script }) => typeof script === "string" && !/\.(?:ya?ml|json)$/u.test(script));
  if (!scripts && executables(manifest).length === 0 && manifest.plugsmith?.entry === undefined) return;
  requireTrust(directory, { what: `testing \`${manifest.name}\` runs its programs`, shown }, environment);
}
