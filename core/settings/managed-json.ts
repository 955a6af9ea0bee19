import { type JsonDocument, readJson } from "../../schemas/json-text.ts";
import type { ManagedFile } from "../platform/managed-files.ts";

const known = new WeakMap<ManagedFile, JsonDocument>();

/** A managed file as strict JSON, read once for the policy and the settings in it. Throws as `readJson` does. */
export function managedJson(file: Extract<ManagedFile, { readonly trusted: true }>): JsonDocument {
  const json = known.get(file) ?? readJson(file.text, { file: file.file, dangerousKeys: "refuse" });
  known.set(file, json);
  return json;
}
