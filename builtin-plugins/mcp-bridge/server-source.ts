import { createHash } from "node:crypto";
import type { McpContribution, PluginInfo, UserOption } from "plugsmith/plugin-api";
import { shownText } from "./listed.ts";
import { serverPart } from "./tool-names.ts";

/** One MCP server as some plugin contributes it. */
export interface ServerSource {
  readonly plugin: PluginInfo;
  readonly server: McpContribution;
  readonly userConfig: Readonly<Record<string, UserOption>>;
  /** Values of the plugin's options, defaults included, secrets not. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What people call the server: `name` of a folder, `plugin:<plugin>:<name>` of a plugin. */
export function serverKey({ plugin, server }: ServerSource): string {
  return plugin.tier === "loose" ? server.name : `plugin:${plugin.name}:${server.name}`;
}

/** What the names of its tools begin with, without the `mcp__`. */
export function toolPrefix({ plugin, server }: ServerSource): string {
  return serverPart(plugin.tier === "loose" ? server.name : `plugin_${plugin.name}_${server.name}`);
}

/** Whether a repository brings the server, so that a person has to say yes to it once. */
export function isOfProject({ plugin }: ServerSource): boolean {
  return plugin.tier === "loose" && plugin.id.endsWith("@project");
}

/** Equal for servers that are written equally, in the same plugin at the same place; no value of a variable enters it. */
export function sourceDigest({ plugin, server, options }: ServerSource): string {
  const { name, config, timeoutMs } = server;
  const facts = [1, plugin.id, plugin.version, plugin.directory, name, config, timeoutMs ?? null, options];
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}

/** Servers of stronger places come first: of administrators, of the project, of the person, of plugins. */
export function compareSources(left: ServerSource, right: ServerSource): number {
  const difference = rank(left) - rank(right);
  if (difference !== 0) return difference;
  const [one, other] = [`${left.plugin.id} ${left.server.name}`, `${right.plugin.id} ${right.server.name}`];
  return one < other ? -1 : one > other ? 1 : 0;
}

function rank(source: ServerSource): number {
  if (source.plugin.tier === "loose" && source.plugin.id.endsWith("@managed")) return -1;
  if (isOfProject(source)) return 0;
  return { loose: 1, session: 2, installed: 3, builtin: 4 }[source.plugin.tier];
}

/** How a message names the server; nothing in the name can look like more than a name. */
export function describeServer(source: ServerSource): string {
  return `MCP server \`${shownText(serverKey(source), 200).replaceAll(/\s+/gu, " ")}\``;
}
