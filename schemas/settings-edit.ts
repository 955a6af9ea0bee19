import { editCommentedJson } from "./commented-json.ts";
import { CodedError } from "./errors.ts";
import { editPlainJson, type JsonEdit } from "./plain-json.ts";
import { readJson } from "./json-text.ts";
import { marketplaceSourceToJson } from "./marketplace-source.ts";
import { intentPluginToJson } from "./plugins-json.ts";
import type { IntentPlugin } from "./plugins-json.ts";
import type { MarketplaceSource } from "./source-spec.ts";

/** One change of a `plugins.json`; an absent value removes what is there. */
export type IntentEdit =
  | { readonly kind: "plugin"; readonly id: string; readonly plugin?: IntentPlugin | undefined }
  | { readonly kind: "marketplace"; readonly name: string; readonly source?: MarketplaceSource | undefined }
  | { readonly kind: "override"; readonly id: string; readonly range?: string | undefined }
  | { readonly kind: "disabled-components"; readonly id: string; readonly components: readonly string[] };

/** Applies changes to the text of a `plugins.json`, or to a new one, and keeps comments, order and unknown fields. */
export function editIntent(
  text: string | undefined,
  edit: IntentEdit | readonly IntentEdit[],
  file: string = "plugins.json",
): string {
  const edits = "kind" in edit ? [edit] : edit;
  let current = text === undefined || text.trim() === "" ? '{\n  "schema": 1\n}\n' : text;
  for (const change of edits) current = editJson(current, jsonEditsOf(change, readCommentedJson(current, file)), file);
  return current;
}

/** Applies changes to a JSON text and keeps everything else as it was written. Throws `E_JSON` when the text is none. */
export function editJson(text: string, edits: readonly JsonEdit[], file: string): string {
  readCommentedJson(text, file);
  return editPlainJson(text, edits) ?? editCommentedJson(text, edits);
}

function jsonEditsOf(edit: IntentEdit, root: unknown): readonly JsonEdit[] {
  switch (edit.kind) {
    case "marketplace": {
      const value = edit.source === undefined ? undefined : marketplaceSourceToJson(edit.source);
      return set(root, ["marketplaces", edit.name], value);
    }
    case "override":
      return set(root, ["overrides", edit.id], edit.range);
    case "disabled-components":
      return set(
        root,
        ["disabledComponents", edit.id],
        edit.components.length === 0 ? undefined : [...edit.components],
      );
    case "plugin":
      return pluginEdits(edit.id, edit.plugin, root);
  }
}

/** An object form that a person wrote is changed member by member, so that what we do not know stays in it. */
function pluginEdits(id: string, plugin: IntentPlugin | undefined, root: unknown): readonly JsonEdit[] {
  const path = ["plugins", id];
  const existing = memberOf(memberOf(root, "plugins"), id);
  if (plugin === undefined || typeof existing !== "object" || existing === null || Array.isArray(existing)) {
    return set(root, path, plugin === undefined ? undefined : intentPluginToJson(plugin));
  }
  const hasVersion = memberOf(existing, "version") !== undefined;
  const version = hasVersion || plugin.range !== "*" ? plugin.range : undefined;
  const enabled = memberOf(existing, "enabled") !== undefined || !plugin.enabled ? plugin.enabled : undefined;
  return [
    ...set(root, [...path, "version"], version),
    ...set(root, [...path, "enabled"], enabled),
    ...set(root, [...path, "path"], plugin.path),
  ];
}

/** No edit when the value is there already, or absent already. */
function set(root: unknown, path: readonly string[], value: unknown): readonly JsonEdit[] {
  const current = path.reduce(memberOf, root);
  return JSON.stringify(current) === JSON.stringify(value) ? [] : [{ path, value }];
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}

/** Reads a JSON text that may hold comments and must be an object. Throws `E_JSON`, `E_SCHEMA`, `E_LIMIT_*`. */
export function readCommentedJson(text: string, file: string): unknown {
  const { value } = readJson(text, { file, dangerousKeys: "refuse", comments: true, maxBytes: 8_000_000 });
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  throw new CodedError("E_SCHEMA", `\`${file}\` is not an object`, { where: `${file}:1:1`, hint: "make it `{}`" });
}
