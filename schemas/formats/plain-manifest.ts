import type { PluginJson } from "../claude-plugin.ts";
import { isRecord } from "../record.ts";

const TEXTS: ReadonlySet<string> = new Set(["displayName", "version", "description", "repository", "license"]);
const PATHS: ReadonlySet<string> = new Set([
  "skills",
  "commands",
  "agents",
  "hooks",
  "mcpServers",
  "lspServers",
  "outputStyles",
  "workflows",
  "themes",
]);
/** Fields whose shape is left to the schema. */
const INTRICATE: ReadonlySet<string> = new Set([
  "metadata",
  "settings",
  "userConfig",
  "channels",
  "monitors",
  "experimental",
  "plugsmith",
]);
const PLAIN_URL = /^https?:\/\/[\w.-]+(?:\/[\w./#~%-]*)?$/u;

/**
 * The value itself when it is a manifest of plain fields only, which most are; `undefined` leaves the verdict to
 * `pluginShape` or `agentPluginShape`. What is taken here, both take unchanged: loading them costs more than a whole `add`.
 */
export function plainManifest(value: unknown): PluginJson | undefined {
  return isRecord(value) && typeof value["name"] === "string" && hasPlainFields(value)
    ? { ...value, name: value["name"] }
    : undefined;
}

/** The same for a catalog entry, against `entryShape`. */
export function plainEntry(value: unknown): Partial<PluginJson> | undefined {
  return isRecord(value) && hasPlainFields(value) ? value : undefined;
}

function hasPlainFields(value: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(value).every(([key, field]) => isPlainField(key, field));
}

function isPlainField(key: string, value: unknown): boolean {
  if (TEXTS.has(key)) return typeof value === "string";
  if (PATHS.has(key)) return typeof value === "string" || isTexts(value);
  if (INTRICATE.has(key)) return false;
  switch (key) {
    case "author":
      return isRecord(value) && isName(value["name"]) && hasTexts(value, ["email", "url"]);
    case "homepage":
      return typeof value === "string" && PLAIN_URL.test(value) && URL.canParse(value);
    case "keywords":
      return isTexts(value);
    case "defaultEnabled":
      return typeof value === "boolean";
    case "dependencies":
      return Array.isArray(value) && value.every(isPlainDependency);
    default:
      // A key that the schemas do not know passes them whatever it holds.
      return key !== "$schema" || typeof value === "string";
  }
}

function isPlainDependency(value: unknown): boolean {
  return isName(value) || (isRecord(value) && isName(value["name"]) && hasTexts(value, ["version", "marketplace"]));
}

function isName(value: unknown): boolean {
  return typeof value === "string" && value !== "";
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** Whether each of the keys is absent or holds text. */
function hasTexts(value: Readonly<Record<string, unknown>>, keys: readonly string[]): boolean {
  return keys.every((key) => value[key] === undefined || typeof value[key] === "string");
}
