import type { PluginJson } from "../claude-plugin.ts";
import type { CatalogEntry, Provenance } from "../plugin-manifest.ts";
import { escapeControl, nameProblem } from "../names.ts";
import { entryShape } from "../shapes.ts";
import type { ShapeResult } from "../shapes.ts";
import type { FileTree } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { locatedAt, locatedValue, readJsonFile } from "./json-file.ts";
import { isRecord } from "../record.ts";
import type { Located } from "./json-file.ts";
import type { ReadPluginOptions } from "./read-context.ts";
import { plainEntry, plainManifest } from "./plain-manifest.ts";
import { checkShape } from "./shape-check.ts";

/** A manifest file that holds what must hold for its plugin to load. */
export interface ManifestFile {
  readonly file: string;
  readonly json: PluginJson;
  readonly located: Located;
}

/** A catalog entry with the fields that are usable. */
export interface EntryBasis {
  readonly entry: CatalogEntry;
  readonly json: Partial<PluginJson>;
  readonly located: Located;
}

/** What a plugin is read from: a manifest file, an entry, both, or only a name. */
export interface ManifestBasis {
  readonly name: string;
  readonly manifest?: ManifestFile | undefined;
  readonly entry?: EntryBasis | undefined;
  /** Where the plugin as a whole is declared. */
  readonly where: Provenance;
}

/** Component fields whose presence in a `strict: false` entry conflicts with a manifest file (formats.md §2.5). */
const ENTRY_COMPONENT_KEYS: readonly (keyof PluginJson)[] = [
  "commands",
  "agents",
  "skills",
  "hooks",
  "outputStyles",
  "themes",
];

/** Reads manifest file and entry; `undefined` after an error finding when the plugin cannot be loaded. */
export function readBasis(
  tree: FileTree,
  file: string,
  shape: (value: unknown) => ShapeResult<PluginJson>,
  options: ReadPluginOptions,
  findings: Findings,
): ManifestBasis | undefined {
  const link = tree.stat(file);
  if (link?.kind === "refused-link") {
    findings.error(
      "E_PATH_ESCAPE",
      `\`${file}\` is a link that leaves the plugin`,
      { file },
      { hint: "replace the link by the file", dropped: "plugin" },
    );
    return undefined;
  }
  let manifest: ManifestFile | undefined;
  if (link?.kind === "file") {
    const located = readJsonFile(tree, file, findings, "plugin");
    if (located === undefined) return undefined;
    const json =
      plainManifest(located.value) ??
      checkShape(shape, located, findings, { code: "E_SCHEMA", subject: `\`${file}\``, dropped: "plugin" });
    if (json === undefined) return undefined;
    if (!checkName(json.name, located.where(["name"]), findings)) return undefined;
    manifest = { file, json, located };
  }
  const entry = options.entry === undefined ? undefined : readEntry(options.entry, manifest !== undefined, findings);
  if (options.entry !== undefined && entry === undefined) return undefined;
  if (manifest !== undefined && entry !== undefined && !entry.entry.strict) {
    const conflicts = ENTRY_COMPONENT_KEYS.filter((key) => entry.json[key] !== undefined);
    if (conflicts.length > 0) {
      findings.error(
        "E_MANIFEST",
        `conflicting manifests: \`${file}\` exists and the entry with \`strict: false\` sets ${conflicts.map((key) => `\`${key}\``).join(", ")}`,
        entry.entry.where,
        {
          hint: "remove the manifest file, the component fields, or `strict: false`",
          dropped: "plugin",
        },
      );
      return undefined;
    }
  }
  const name = manifest?.json.name ?? options.entry?.name ?? options.fallbackName;
  const where = manifest?.located.where() ?? options.entry?.where ?? { file, line: 1, column: 1 };
  if (name === undefined) {
    findings.error("E_MANIFEST", "the plugin has no manifest and no catalog entry that names it", where, {
      hint: `add \`${file}\` with a \`name\``,
      dropped: "plugin",
    });
    return undefined;
  }
  if (manifest === undefined && !checkName(name, where, findings)) return undefined;
  return { name, manifest, entry, where };
}

/** Checks a plugin's name (attacks.md MF04, NM01, NM06). */
function checkName(name: string, where: Provenance, findings: Findings): boolean {
  const problem = nameProblem(name);
  if (problem === undefined) return true;
  findings.error("E_NAME", `name \`${escapeControl(name.slice(0, 80))}\` ${problem}`, where, {
    hint: "use a name such as `my-plugin`",
    dropped: "plugin",
  });
  return false;
}

function readEntry(entry: CatalogEntry, hasManifest: boolean, findings: Findings): EntryBasis | undefined {
  const located = locatedValue(entry.raw, entry.where);
  const plain = plainEntry(entry.raw);
  if (plain !== undefined) return { entry, json: plain, located };
  const result = entryShape(entry.raw);
  if (result.success) return { entry, json: result.data, located };
  if (!hasManifest) {
    checkShape(entryShape, located, findings, {
      code: "E_SCHEMA",
      subject: `entry \`${entry.name}\``,
      dropped: "plugin",
    });
    return undefined;
  }
  const bad = new Set(result.error.issues.map((issue) => issue.path[0]));
  const kept = Object.fromEntries(Object.entries(entry.raw).filter(([key]) => !bad.has(key)));
  for (const key of bad) {
    findings.warn(
      "W_ENTRY_FIELD",
      `field \`${String(key)}\` of entry \`${entry.name}\` has the wrong type; it was ignored`,
      entry.where,
      { hint: "correct the field in the catalog" },
    );
  }
  const again = entryShape(kept);
  return { entry, json: again.success ? again.data : {}, located: locatedValue(kept, entry.where) };
}

/** A field of the base: the manifest file, or the entry that stands in for it. */
export function baseField(basis: ManifestBasis, path: readonly string[]): Located | undefined {
  const located = basis.manifest?.located ?? basis.entry?.located;
  return located === undefined ? undefined : field(located, path);
}

/** A field that the entry adds to a manifest file. */
export function addedField(basis: ManifestBasis, key: string): Located | undefined {
  return basis.manifest === undefined || basis.entry === undefined ? undefined : field(basis.entry.located, [key]);
}

function field(located: Located, path: readonly string[]): Located | undefined {
  const found = locatedAt(located, path);
  const empty =
    found.value === undefined || (isRecord(found.value) && Object.keys(found.value).length === 0 && path.length === 0);
  return empty ? undefined : found;
}
