import { join } from "node:path";
import {
  messageOf,
  defineTool,
  toolPoint,
  type PluginContext,
  type Registration,
  type Tool,
} from "plugsmith/plugin-api";
import type { Bridge } from "./bridge.ts";
import type { ListedTool } from "./listed.ts";
import type { McpServer } from "./server.ts";
import { NameBook } from "./tool-names.ts";
import { toolResult } from "./tool-result.ts";
import { safeSchema } from "./tool-schema.ts";

interface Standing {
  readonly facts: string;
  readonly registration: Registration;
}

/** The tools of one server at the tool point; what did not change stays where it is. */
export class ServerTools {
  readonly #context: Pick<PluginContext, "contribute">;
  readonly #bridge: Bridge;
  readonly #server: McpServer;
  readonly #prefix: string;
  readonly #standing = new Map<string, Standing>();

  constructor(context: Pick<PluginContext, "contribute">, bridge: Bridge, server: McpServer, prefix: string) {
    this.#context = context;
    this.#bridge = bridge;
    this.#server = server;
    this.#prefix = prefix;
  }

  /** Names under which models call them. */
  get names(): readonly string[] {
    return [...this.#standing.keys()];
  }

  /** Makes the point hold what the server lists. */
  update(tools: readonly ListedTool[], trusted: boolean): void {
    const book = new NameBook(this.#prefix);
    const seen = new Set<string>();
    const wanted = new Map<string, ListedTool>();
    for (const tool of tools) {
      const name = book.enter(tool.name, seen);
      if (name === undefined)
        this.#server.log.warn(`it lists the tool \`${tool.name.slice(0, 100)}\` twice; the first one counts`);
      else wanted.set(name, tool);
    }
    for (const [name, { facts, registration }] of this.#standing) {
      const tool = wanted.get(name);
      if (tool !== undefined && facts === factsOf(tool, trusted)) continue;
      registration.dispose();
      this.#standing.delete(name);
    }
    for (const [name, tool] of wanted) {
      if (this.#standing.has(name)) continue;
      const registration = this.#context.contribute(toolPoint, name, this.#tool(name, tool, trusted));
      this.#standing.set(name, { facts: factsOf(tool, trusted), registration });
    }
  }

  dispose(): void {
    for (const { registration } of this.#standing.values()) registration.dispose();
    this.#standing.clear();
  }

  /** A server's word that a tool only reads counts where the person trusts the server; else it is asked for and runs alone. */
  #tool(name: string, tool: ListedTool, trusted: boolean): Tool {
    const input = safeSchema(tool.inputSchema);
    if (input.problem !== undefined) {
      this.#server.log.warn(
        `the schema of its tool \`${tool.name.slice(0, 100)}\` is used in part only: ${input.problem}`,
      );
    }
    const output = tool.outputSchema === undefined ? undefined : safeSchema(tool.outputSchema);
    const timeoutMs = this.#server.source.server.timeoutMs ?? this.#bridge.limits.callMs;
    return defineTool({
      name,
      description: tool.description,
      inputSchema: input.schema,
      ...(output !== undefined && output.problem === undefined && { outputSchema: output.schema }),
      readOnly: trusted && tool.readOnlyHint,
      run: async (given, { signal, session, progress }) => {
        try {
          const result = await this.#server.callers.during(session, () =>
            this.#server.use(
              (connection) => connection.callTool(tool.name, given, { signal, timeoutMs, progress }),
              signal,
            ),
          );
          const { limits, directory } = this.#bridge;
          return toolResult(result, { directory: join(directory, "results"), maxText: limits.maxResultText });
        } catch (error) {
          signal.throwIfAborted();
          return {
            content: [{ type: "text", text: messageOf(error) }],
            isError: true,
          };
        }
      },
    });
  }
}

function factsOf(tool: ListedTool, trusted: boolean): string {
  return JSON.stringify([tool, trusted]);
}
