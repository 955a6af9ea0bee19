import type { CallToolResult, Tool } from "@modelcontextprotocol/sdk/types.js";
import type { ContentBlock } from "../../plugin-api/message.ts";
import type { OfferedTool, ToolRun } from "../../plugin-api/services/tools.ts";
import type { ToolContent } from "../../plugin-api/tool.ts";

/** Tools of MCP servers are contributed by the bridge; only those of plugins have this beginning. */
const OF_A_PLUGINS_SERVER = "mcp__plugin_";

/** Whether a tool is of a plugin, not of the host itself or of loose folders, which clients read on their own. */
export function isServed({ plugin, descriptor }: OfferedTool): boolean {
  if (plugin.tier === "builtin") return descriptor.name.startsWith(OF_A_PLUGINS_SERVER);
  return plugin.tier !== "loose";
}

/** A tool as a client lists it. Its `outputSchema` is left out: clients refuse a result that a hook has replaced. */
export function listedTool({ descriptor }: OfferedTool): Tool {
  const { name, description, inputSchema, readOnly } = descriptor;
  return {
    name,
    description,
    // The loop has made it a schema of an object.
    inputSchema: inputSchema as Tool["inputSchema"],
    ...(readOnly && { annotations: { readOnlyHint: true } }),
  };
}

/** A result as a client gets it, with what hooks add to it. */
export function callResult({ name, result, texts, stop, denied }: ToolRun): CallToolResult {
  const content = result.content.map(toolPart);
  const more = [...texts, ...(stop === undefined ? [] : [`a hook says to stop: ${stop}`])];
  if (denied !== undefined && denied.offers.length > 0) more.push(`hint: ${allowingRule(name)}`);
  return {
    content: [...content, ...more.map((text) => ({ type: "text" as const, text }))],
    ...(result.isError === true && { isError: true }),
    ...(isObject(result.structured) && { structuredContent: result.structured }),
  };
}

/** What a denial calls for where a person's rule would have allowed the call. */
export function allowingRule(rule: string): string {
  const word = /^[\w*:-]+$/u.test(rule) ? rule : `"${rule}"`;
  return [
    `nobody can be asked through this client; the rule \`${rule}\` allows it: in \`permissions.allow\` of the settings,`,
    `or with \`plugin serve --allowed-tools ${word}\``,
  ].join(" ");
}

function toolPart(part: ToolContent): CallToolResult["content"][number] {
  return part.type === "text" ? part : { type: "image", mimeType: part.mediaType, data: part.data };
}

/** A part of a prompt as a client gets it; others than texts and images are not in prompts. */
export function promptPart(block: ContentBlock): readonly CallToolResult["content"][number][] {
  if (block.type === "text") return [{ type: "text", text: block.text }];
  if (block.type !== "image") return [];
  return [{ type: "image", mimeType: block.source.media_type, data: block.source.data }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
