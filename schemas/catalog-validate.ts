import { MAX_CATALOG_BYTES, readCatalog } from "./catalog.ts";
import type { Catalog, ReadCatalogOptions } from "./catalog.ts";
import type { Diagnostic, DiagnosticCode, Severity } from "./diagnostic.ts";
import { CodedError } from "./errors.ts";
import { Findings } from "./formats/findings.ts";
import { checkShape } from "./formats/shape-check.ts";
import type { Provenance } from "./plugin-manifest.ts";
import { positionIn } from "./text-position.ts";
import { entryShape, listedEntryShape } from "./shapes.ts";
import { readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import { escapeControl, isVendorCatalog, isVendorImitation, isVendorPluginName } from "./names.ts";

const KNOWN_FIELDS: ReadonlySet<string> = new Set([
  "$schema",
  "name",
  "owner",
  "plugins",
  "description",
  "version",
  "metadata",
  "forceRemoveDeletedPlugins",
  "allowCrossMarketplaceDependenciesOn",
  "renames",
]);

/** The kinds of source that an entry may be written with; more are understood (formats.md §2.3). */
const SOURCE_KINDS: ReadonlySet<unknown> = new Set(["github", "url", "git-subdir", "npm", "archive", "command"]);

/** Hosts that an archive may not come from: this machine, its link, the metadata services of clouds. */
const NEAR_HOST =
  /^(?:localhost|.*\.localhost|127\..*|0\.0\.0\.0|169\.254\..*|\[::1?\]|\[fe80:.*\]|metadata\.google\.internal)$/i;

/** The strict view for authors: every finding of `readCatalog`, also what it throws, and advice beyond it. */
export function validateCatalog(text: string | Uint8Array, options: ReadCatalogOptions): readonly Diagnostic[] {
  const { file } = options;
  try {
    const { value, diagnostics } = readCatalog(text, options);
    const json = readJson(text, { file, dangerousKeys: "drop", maxBytes: MAX_CATALOG_BYTES });
    const root = asObject(json.value) ?? {};
    const hasRoot = typeof asObject(root["metadata"])?.["pluginRoot"] === "string";
    const isFault = ({ code }: Diagnostic): boolean =>
      code === "W_SOURCE_UNSUPPORTED" || (code === "W_SOURCE_PLAIN_PATH" && !hasRoot);
    const tolerated = diagnostics.map((found): Diagnostic =>
      isFault(found) ? { ...found, severity: "error" } : found,
    );
    return [
      ...tolerated,
      ...strictFindings(value, root, json, file),
      ...entryFaults(root["plugins"], json, file, tolerated),
    ];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return [
      {
        code: error.code,
        severity: "error",
        message: error.message,
        file,
        ...positionIn(error.where),
        hint: error.hint,
        dropped: "marketplace",
      },
    ];
  }
}

function strictFindings(
  catalog: Catalog,
  root: Readonly<Record<string, unknown>>,
  json: JsonDocument,
  file: string,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  const add = (
    code: DiagnosticCode,
    severity: Severity,
    message: string,
    at: readonly string[],
    hint: string,
  ): void => {
    found.push({ code, severity, message, file, ...json.locate(at), hint });
  };
  if (isVendorImitation(catalog.name)) {
    const message = `marketplace name \`${catalog.name}\` imitates another vendor's catalog, and its validator refuses it`;
    add("E_NAME", "error", message, ["name"], "choose a name of your own");
  }
  if (root["$schema"] !== undefined && typeof root["$schema"] !== "string")
    add("E_SCHEMA", "error", "`$schema` must be text", ["$schema"], "correct its type");
  for (const key of ["email", "url"]) {
    const text = asObject(root["owner"])?.[key];
    if (text !== undefined && typeof text !== "string")
      add("E_SCHEMA", "error", `\`owner.${key}\` must be text`, ["owner", key], "correct its type");
  }
  if (root["owner"] === undefined) add("E_SCHEMA", "error", "`owner` is missing", [], 'add `"owner": {"name": "…"}`');
  if (catalog.description === undefined)
    add("W_FIELD_MISSING", "warning", "the marketplace has no `description`", [], "add one");
  if (Array.isArray(root["plugins"]) && root["plugins"].length === 0)
    add("W_CATALOG_EMPTY", "warning", "`plugins` is empty", ["plugins"], "list a plugin");
  for (const key of Object.keys(root)) {
    if (KNOWN_FIELDS.has(key)) continue;
    add("W_UNKNOWN_KEY", "warning", `unknown field \`${escapeControl(key.slice(0, 64))}\``, [key], "remove it");
  }
  const ofVendor = isVendorCatalog(catalog.name);
  for (const { name, where } of catalog.entries) {
    const position = { file, line: where.line, column: where.column };
    const hint = "choose another name if the plugin is meant for that client too";
    if (!ofVendor && isVendorPluginName(name)) {
      found.push({
        code: "E_NAME",
        severity: "error",
        message: `plugin name \`${name}\` is reserved by another client, whose validator refuses it`,
        ...position,
        hint,
      });
    } else if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) {
      found.push({
        code: "W_NAME_STYLE",
        severity: "warning",
        message: `plugin name \`${name}\` is not kebab-case`,
        ...position,
        hint: "prefer lower-case words joined by `-`",
      });
    }
  }
  return found;
}

/** Fields of entries that no reader of ours needs to judge, or judges only when the plugin is installed. */
function entryFaults(
  list: unknown,
  json: JsonDocument,
  file: string,
  known: readonly Diagnostic[],
): readonly Diagnostic[] {
  if (!Array.isArray(list)) return [];
  const reported = new Set(known.map(({ line, column }) => `${line}:${column}`));
  const findings = new Findings();
  for (const [index, entry] of list.entries()) {
    const where = (path: readonly (string | number)[] = [], of?: "key" | "value"): Provenance => ({
      file,
      ...json.locate(["plugins", index, ...path], of),
    });
    const raw = asObject(entry);
    if (raw === undefined) continue;
    const located = { value: raw, where };
    const check = { code: "E_SCHEMA", subject: `entry ${index}` } as const;
    if (checkShape(entryShape, located, findings, check) !== undefined)
      checkShape(listedEntryShape, located, findings, check);
    const source = asObject(raw["source"]);
    if (source !== undefined && !SOURCE_KINDS.has(source["source"]))
      findings.error(
        "E_SCHEMA",
        `entry ${index}: this is no kind of source that other clients know`,
        where(["source"]),
        {
          hint: `use ${[...SOURCE_KINDS].map((kind) => `\`${String(kind)}\``).join(", ")}`,
        },
      );
    const url = source?.["source"] === "archive" ? URL.parse(String(source["url"])) : null;
    if (url !== null && NEAR_HOST.test(url.hostname))
      findings.error(
        "E_SOURCE_INVALID",
        `entry ${index}: an archive may not come from \`${url.hostname}\``,
        where(["source", "url"]),
        {
          hint: "serve it from a public host",
        },
      );
  }
  return findings.all().filter(({ line, column }) => !reported.has(`${line}:${column}`));
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
