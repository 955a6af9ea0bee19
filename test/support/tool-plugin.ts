import type { HostPlugin } from "../../core/host-plugin.ts";
import { defineTool, toolPoint, type ToolDefinition } from "../../plugin-api/index.ts";
import { codePlugin } from "./test-host.ts";

/** A tool of a test: a name, and what differs from a tool that takes anything and says `ok`. */
export type TestTool = Partial<ToolDefinition<Readonly<Record<string, unknown>>>> & { readonly name: string };

/** A plugin with tools that write, unless they say otherwise. */
export function toolPlugin(...definitions: readonly TestTool[]): HostPlugin {
  return codePlugin("tools", { contributes: { [toolPoint.key]: [] }, activation: "startup" }, (context) => {
    for (const definition of definitions) {
      const tool = defineTool({
        description: "a tool",
        inputSchema: { type: "object" },
        run: () => "ok",
        ...definition,
      });
      context.contribute(toolPoint, definition.name, tool);
    }
  });
}
