import { MAX_CATALOG_BYTES, readCatalog } from "./catalog.ts";
import type { Catalog, ReadCatalogOptions } from "./catalog.ts";
import type { Diagnostic, DiagnosticCode, Severity } from "./diagnostic.ts";
import { CodedError } from "./errors.ts";
import { readJson } from "./json-text.ts";
import type { JsonDocument } from "./json-text.ts";
import { escapeControl, isVendorCatalog, isVendorPluginName } from "./names.ts";

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

/** The strict view for authors: every finding of `readCatalog`, also what it throws, and advice beyond it. */
export function validateCatalog(text: string | Uint8Array, options: ReadCatalogOptions): readonly Diagnostic[] {
  const { file } = options;
  try {
    const { value, diagnostics } = readCatalog(text, options);
    const json = readJson(text, { file, dangerousKeys: "drop", maxBytes: MAX_CATALOG_BYTES });
    return [...diagnostics, ...strictFindings(value, asObject(json.value) ?? {}, json, file)];
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    const place = /:(\d+):(\d+)$/.exec(error.where ?? "");
    const position = place === null ? {} : { line: Number(place[1]), column: Number(place[2]) };
    return [
      {
        code: error.code,
        severity: "error",
        message: error.message,
        file,
        ...position,
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

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}
