import type * as z from "zod";
import { AGENT_PLUGIN_KEYS, agentPluginJsonSchema } from "./agent-plugins.ts";
import { commandMapSchema, entryLoadSchema, PLUGIN_KEYS, pluginLoadSchema } from "./claude-plugin.ts";
import type { CommandJson, PluginJson } from "./claude-plugin.ts";
import { hookHandlerSchema } from "./hooks.ts";
import type { HookHandlerJson } from "./hooks.ts";
import { listedEntrySchema } from "./listed-entry.ts";
import { lspServerSchema } from "./lsp.ts";
import type { LspServerJson } from "./lsp.ts";
import { MCP_SERVER_SCHEMAS } from "./mcp.ts";
import { type BundleJson, bundleSchema } from "./mcp-bundle.ts";
import type { McpServerJson, McpServerType } from "./mcp.ts";
import { monitorSchema } from "./monitors.ts";
import type { MonitorJson } from "./monitors.ts";
import { settingsSchema } from "./settings.ts";

// The readers' only door to the schemas of foreign files, made of functions alone: the bundle loads what is behind it
// by the first call (docs/decisions/0007-lazy-modules.md).

/** What a check of a value says: the typed value, or zod's issues. */
export type ShapeResult<T> = z.ZodSafeParseResult<T>;

/** Checks what must hold of a `.claude-plugin/plugin.json` for its plugin to load. */
export function pluginShape(value: unknown): ShapeResult<PluginJson> {
  return pluginLoadSchema.safeParse(value);
}

/** Checks the same of a catalog entry that stands in for a manifest or adds to it. */
export function entryShape(value: unknown): ShapeResult<Partial<PluginJson>> {
  return entryLoadSchema.safeParse(value);
}

/** Checks an entry's components in full, which its readers judge only when the plugin is installed. */
export function listedEntryShape(value: unknown): ShapeResult<unknown> {
  return listedEntrySchema.safeParse(value);
}

/** Checks the root `plugin.json` of Agent Plugins 1.x. */
export function agentPluginShape(value: unknown): ShapeResult<PluginJson> {
  return agentPluginJsonSchema.safeParse(value);
}

/** Every top-level key that a manifest of the given kind may have. */
export function manifestKeys(kind: "claude-code" | "agent-plugins"): ReadonlySet<string> {
  return kind === "agent-plugins" ? AGENT_PLUGIN_KEYS : PLUGIN_KEYS;
}

/** Checks one command in map form. */
export function commandMapShape(value: unknown): ShapeResult<CommandJson> {
  return commandMapSchema.safeParse(value);
}

/** Checks one hook handler. */
export function hookHandlerShape(value: unknown): ShapeResult<HookHandlerJson> {
  return hookHandlerSchema.safeParse(value);
}

/** Checks one MCP server of the given `type`. */
export function mcpServerShape(type: McpServerType, value: unknown): ShapeResult<McpServerJson> {
  return MCP_SERVER_SCHEMAS[type].safeParse(value);
}

/** Checks the `manifest.json` of an MCP bundle. */
export function bundleShape(value: unknown): ShapeResult<BundleJson> {
  return bundleSchema.safeParse(value);
}

/** Checks one language server. */
export function lspServerShape(value: unknown): ShapeResult<LspServerJson> {
  return lspServerSchema.safeParse(value);
}

/** Checks one monitor. */
export function monitorShape(value: unknown): ShapeResult<MonitorJson> {
  return monitorSchema.safeParse(value);
}

/** Checks settings of a person or a project. */
export function settingsShape(value: unknown): ShapeResult<unknown> {
  return settingsSchema.safeParse(value);
}
