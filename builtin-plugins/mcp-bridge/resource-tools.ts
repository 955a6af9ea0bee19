import { join } from "node:path";
import {
  isObject,
  messageOf,
  defineTool,
  toolPoint,
  type PluginContext,
  type Registration,
  type ToolResult,
} from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import type { ServerSet } from "./server-set.ts";
import { resourceContent, toolResult } from "./tool-result.ts";

const server = { type: "string", description: "Name of an MCP server, as the list of resources gives it" } as const;

/** Two tools for the resources of all servers; they are there while some server offers any. */
export class ResourceTools {
  readonly #context: Pick<PluginContext, "contribute">;
  readonly #bridge: Bridge;
  readonly #set: ServerSet;
  #standing: readonly Registration[] = [];

  constructor(context: Pick<PluginContext, "contribute">, bridge: Bridge, set: ServerSet) {
    this.#context = context;
    this.#bridge = bridge;
    this.#set = set;
  }

  update(): void {
    const wanted = this.#set.members.some(({ server }) => (server.lists?.resources.length ?? 0) > 0);
    if (wanted === this.#standing.length > 0) return;
    for (const registration of this.#standing) registration.dispose();
    this.#standing = wanted ? [this.#listTool(), this.#readTool()] : [];
  }

  #listTool(): Registration {
    const tool = defineTool<{ readonly server?: string }>({
      name: "ListMcpResources",
      description: "Lists the resources that MCP servers offer, with their server, URI and description.",
      inputSchema: { type: "object", properties: { server }, additionalProperties: false },
      readOnly: true,
      run: (input) => {
        const members = this.#set.members.filter(
          (one) => input.server === undefined || one.server.key === input.server,
        );
        return JSON.stringify(
          members.flatMap((one) =>
            (one.server.lists?.resources ?? []).map((item) => ({ server: one.server.key, ...item })),
          ),
          undefined,
          1,
        );
      },
    });
    return this.#context.contribute(toolPoint, tool.descriptor.name, tool);
  }

  /** What a server does when it is asked for a resource is unknown, so it counts as writing. */
  #readTool(): Registration {
    const tool = defineTool<{ readonly server: string; readonly uri: string }>({
      name: "ReadMcpResource",
      description: "Reads one resource of an MCP server.",
      inputSchema: {
        type: "object",
        properties: { server, uri: { type: "string", description: "URI of the resource" } },
        required: ["server", "uri"],
        additionalProperties: false,
      },
      run: (input, { signal }) => this.#read(input.server, input.uri, signal),
    });
    return this.#context.contribute(toolPoint, tool.descriptor.name, tool);
  }

  async #read(key: string, uri: string, signal: AbortSignal): Promise<ToolResult> {
    const { limits, directory } = this.#bridge;
    const results = join(directory, "results");
    try {
      const member = this.#set.find(key);
      if (member === undefined) throw new Error(`there is no MCP server \`${key}\`; \`ListMcpResources\` lists them`);
      const result = await member.server.use(
        (connection) => connection.resource(uri, { signal, timeoutMs: limits.callMs }),
        signal,
      );
      const contents: readonly unknown[] = Array.isArray(result["contents"]) ? result["contents"] : [];
      const parts = contents.flatMap((part) => {
        if (!isObject(part)) return [];
        const content = resourceContent(part, results);
        return content.type === "text" ? content : { type: "image", data: content.data, mimeType: content.mediaType };
      });
      // As the server sent it, for hooks and for programs that pass it on.
      const structuredContent = { contents: contents.filter(isObject) };
      return toolResult({ content: parts, structuredContent }, { directory: results, maxText: limits.maxResultText });
    } catch (error) {
      signal.throwIfAborted();
      return {
        content: [{ type: "text", text: messageOf(error) }],
        isError: true,
      };
    }
  }
}
