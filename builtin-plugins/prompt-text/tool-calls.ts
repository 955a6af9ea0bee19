import { toolPoint, type PluginContext, type PromptTextRequest, type ToolResult } from "plugsmith/plugin-api";

/** Calls a tool on behalf of a text and returns its texts. Throws unless the call was allowed and gave a result. */
export type CallTool = (name: string, input: unknown) => Promise<string>;

/** Calls go through the gate like those of the model, but nobody is asked (formats.md §4.6). */
export function toolCaller(context: PluginContext, { session, callId, signal }: PromptTextRequest): CallTool {
  let count = 0;
  return async (name, input) => {
    const tools = await context.read(toolPoint);
    const tool = tools.all().find((each) => each.name === name);
    if (tool === undefined) throw new Error(`there is no tool \`${name}\` here`);
    count += 1;
    const { directory, agentPath } = session;
    const invoked = await tool.invoke(input, {
      callId: `${callId}/${String(count)}`,
      signal,
      agentPath,
      neverAsk: true,
      context: { session, directory, agentPath },
    });
    if (invoked.kind === "denied") throw new Error(`it was not allowed: ${invoked.reason}`);
    const text = textOf(invoked.output);
    if (invoked.output.isError === true) throw new Error(text === "" ? "it failed" : text);
    return text;
  };
}

function textOf({ content }: ToolResult): string {
  return content.map((part) => (part.type === "text" ? part.text : `[${part.mediaType}]`)).join("\n");
}
