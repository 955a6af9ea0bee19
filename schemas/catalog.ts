import { readCatalogEntry } from "./catalog-entry.ts";
import { readRenames } from "./catalog-renames.ts";
import type { Diagnosed, Diagnostic, DiagnosticCode, Severity } from "./diagnostic.ts";
import { CodedError } from "./errors.ts";
import { placeOf, readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import { canonicalName, escapeControl, isVendorName, marketplaceNameProblem } from "./names.ts";
import type { Author, CatalogEntry } from "./plugin-manifest.ts";
import { parseTreePath } from "./tree-path.ts";

/** A name that stands for two different entries: listed, never installable (attacks MK01). */
export interface AmbiguousEntry {
  readonly name: string;
  /** 1-based lines of the entries. */
  readonly lines: readonly number[];
}

/** A marketplace.json as read: every usable entry, the rest named by diagnostics. */
export interface Catalog {
  readonly name: string;
  readonly owner?: Author | undefined;
  readonly description?: string | undefined;
  readonly version?: string | undefined;
  /** Tree path, `""` when absent. */
  readonly pluginRoot: string;
  /** In file order. */
  readonly entries: readonly CatalogEntry[];
  /** Finds an entry by its exact name without looking at the others, where the catalog can; ask the function `entryNamed`. */
  readonly entryNamed?: ((name: string) => CatalogEntry | undefined) | undefined;
  readonly ambiguous: readonly AmbiguousEntry[];
  /** Old name → new name, chains kept; `null` means removed. */
  readonly renames: Readonly<Record<string, string | null>>;
  readonly allowCrossMarketplaceDependenciesOn: readonly string[];
  readonly forceRemoveDeletedPlugins: boolean;
}

/** How to read a catalog. */
export interface ReadCatalogOptions {
  /** Path for messages. */
  readonly file: string;
  /** It came from another machine, so nothing in it may point at this one. */
  readonly remote?: boolean | undefined;
}

/** Largest marketplace.json that is read. */
export const MAX_CATALOG_BYTES = 8_000_000;
const MAX_ENTRIES = 20_000;

/**
 * Reads a marketplace.json; each entry stands or falls alone. Throws only when the whole file is unusable: `E_JSON`,
 * `E_LIMIT_SIZE`, `E_LIMIT_DEPTH`, `E_LIMIT_ENTRIES`, `E_CATALOG` or `E_NAME`.
 */
export function readCatalog(text: string | Uint8Array, options: ReadCatalogOptions): Diagnosed<Catalog> {
  const { file } = options;
  const json = readJson(text, { file, dangerousKeys: "drop", maxBytes: MAX_CATALOG_BYTES });
  const diagnostics: Diagnostic[] = [...json.diagnostics];
  const root = asObject(json.value);
  if (root === undefined) throw unusable(json, file, [], "is not an object");
  const name = readName(json, root["name"], file);
  const list = root["plugins"];
  if (!Array.isArray(list)) throw unusable(json, file, ["plugins"], "has no list `plugins`");
  if (list.length > MAX_ENTRIES) {
    throw new CodedError("E_LIMIT_ENTRIES", `\`${file}\` lists ${list.length} plugins, more than ${MAX_ENTRIES}`, {
      where: placeOf(file, json.locate(["plugins"])),
      hint: "split the marketplace",
    });
  }
  const add = (
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    at: readonly (string | number)[],
    hint?: string,
  ): void => {
    const dropped = severity === "error" ? { dropped: "field" } : {};
    diagnostics.push({ code, severity, message, file, ...json.locate(at), hint, ...dropped });
  };
  if (isVendorName(name)) {
    add(
      "I_VENDOR_NAME",
      "info",
      `marketplace name \`${name}\` is one that another vendor reserves`,
      ["name"],
      "make sure that you trust its source",
    );
  }
  const metadata = asObject(root["metadata"]) ?? {};
  const pluginRoot = readPluginRoot(metadata["pluginRoot"], add);
  const context = { file, pluginRoot, remote: options.remote === true, locate: json.locate, diagnostics };
  const read: CatalogEntry[] = [];
  for (const [index, raw] of list.entries()) {
    const entry = readCatalogEntry(raw, index, context);
    if (entry !== undefined) read.push(entry);
  }
  const { entries, ambiguous } = separateDuplicates(read, diagnostics);
  const renames = readRenames(asObject(root["renames"]) ?? {}, new Set(read.map((entry) => entry.name)));
  for (const { from, why } of renames.problems) {
    add(
      "E_ENTRY",
      "error",
      `rename of \`${escapeControl(from.slice(0, 128))}\` is not followed: ${why}`,
      ["renames", from],
      "correct `renames`",
    );
  }
  const owner = readOwner(root["owner"], add);
  const description = asText(root["description"]) ?? asText(metadata["description"]);
  const version = asText(root["version"]) ?? asText(metadata["version"]);
  const value: Catalog = {
    name,
    ...(owner === undefined ? {} : { owner }),
    ...(description === undefined ? {} : { description }),
    ...(version === undefined ? {} : { version }),
    pluginRoot,
    entries,
    ambiguous,
    renames: renames.renames,
    allowCrossMarketplaceDependenciesOn: readTexts(
      root["allowCrossMarketplaceDependenciesOn"],
      "allowCrossMarketplaceDependenciesOn",
      add,
    ),
    forceRemoveDeletedPlugins: root["forceRemoveDeletedPlugins"] === true,
  };
  checkTypes(root, add);
  return { value, diagnostics };
}

type Add = (
  code: DiagnosticCode,
  severity: Severity,
  message: string,
  at: readonly (string | number)[],
  hint?: string,
) => void;

/** Byte-identical repetitions collapse; other entries whose names count as the same (attacks NM04) become ambiguous. */
function separateDuplicates(
  read: readonly CatalogEntry[],
  diagnostics: Diagnostic[],
): { readonly entries: readonly CatalogEntry[]; readonly ambiguous: readonly AmbiguousEntry[] } {
  if (new Set(read.map(({ name }) => canonicalName(name))).size === read.length)
    return { entries: read, ambiguous: [] };
  const groups = Map.groupBy(read, (entry) => canonicalName(entry.name));
  const entries: CatalogEntry[] = [];
  const ambiguous: AmbiguousEntry[] = [];
  for (const [first, ...others] of groups.values()) {
    if (first === undefined) continue;
    const text = others.length === 0 ? "" : JSON.stringify(first.raw);
    const lines = [first, ...others].map((entry) => entry.where.line ?? 0);
    if (others.every((entry) => JSON.stringify(entry.raw) === text)) {
      entries.push(first);
      for (const other of others) {
        const message = `plugin \`${first.name}\` is listed more than once with the same content`;
        diagnostics.push({
          code: "W_CATALOG_REPEATED",
          severity: "warning",
          message,
          ...other.where,
          hint: "remove the repetition",
        });
      }
      continue;
    }
    const names = [...new Set([first, ...others].map((entry) => entry.name))];
    ambiguous.push(...names.map((name) => ({ name, lines })));
    const spelled = names.map((name) => `\`${name}\``).join(", ");
    const message = `plugin ${spelled} is listed with different contents at lines ${lines.join(" and ")}, so it cannot be installed`;
    diagnostics.push({
      code: "E_AMBIGUOUS",
      severity: "error",
      message,
      ...(others[0] ?? first).where,
      hint: "rename or remove one of them",
      dropped: "plugin",
    });
  }
  return { entries, ambiguous };
}

function readName(json: JsonDocument, raw: unknown, file: string): string {
  if (typeof raw !== "string") throw unusable(json, file, ["name"], "has no `name`");
  const problem = marketplaceNameProblem(raw);
  if (problem === undefined) return raw;
  throw new CodedError("E_NAME", `marketplace name \`${escapeControl(raw.slice(0, 128))}\` ${problem}`, {
    where: placeOf(file, json.locate(["name"])),
    hint: "ask the owner of the marketplace to rename it",
  });
}

function readPluginRoot(raw: unknown, add: Add): string {
  if (raw === undefined) return "";
  const parsed = typeof raw === "string" ? parseTreePath(raw) : undefined;
  if (parsed !== undefined && "path" in parsed) return parsed.path;
  const why = parsed === undefined ? "must be text" : parsed.problem.why;
  add(
    parsed?.problem.code ?? "E_SCHEMA",
    "error",
    `\`metadata.pluginRoot\` ${why}`,
    ["metadata", "pluginRoot"],
    "name a directory of the marketplace",
  );
  return "";
}

function readOwner(raw: unknown, add: Add): Author | undefined {
  if (raw === undefined) return undefined;
  const object = asObject(raw);
  const name = asText(object?.["name"]);
  if (object === undefined || name === undefined) {
    add("E_SCHEMA", "error", "`owner` must be an object with a `name`", ["owner"], 'write `{"name": "…"}`');
    return undefined;
  }
  const [email, url] = [asText(object["email"]), asText(object["url"])];
  return { name, ...(email === undefined ? {} : { email }), ...(url === undefined ? {} : { url }) };
}

function readTexts(raw: unknown, key: string, add: Add): readonly string[] {
  if (raw === undefined) return [];
  if (Array.isArray(raw) && raw.every((item) => typeof item === "string")) return raw;
  add("E_SCHEMA", "error", `\`${key}\` must be a list of texts`, [key], "correct its type");
  return [];
}

function checkTypes(root: Readonly<Record<string, unknown>>, add: Add): void {
  const wrong = (key: string, wanted: string): void =>
    add("E_SCHEMA", "error", `\`${key}\` must be ${wanted}`, [key], "correct its type");
  for (const key of ["description", "version"])
    if (root[key] !== undefined && typeof root[key] !== "string") wrong(key, "text");
  for (const key of ["metadata", "renames"])
    if (root[key] !== undefined && asObject(root[key]) === undefined) wrong(key, "an object");
  const flag = root["forceRemoveDeletedPlugins"];
  if (flag !== undefined && typeof flag !== "boolean") wrong("forceRemoveDeletedPlugins", "`true` or `false`");
}

function unusable(json: JsonDocument, file: string, at: readonly string[], why: string): CodedError {
  return new CodedError("E_CATALOG", `\`${file}\` ${why}`, {
    where: placeOf(file, json.locate(at)),
    hint: 'a marketplace.json has `"name"`, `"owner"` and `"plugins": […]`',
  });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
