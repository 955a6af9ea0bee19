import type { Prompt } from "@modelcontextprotocol/sdk/types.js";
import type { McpPrompt, OfferedMcpServer } from "../../plugin-api/services/mcp-servers.ts";
import { promptArguments, typedArguments } from "./prompt-arguments.ts";
import type { ServedText } from "./served-texts.ts";
import { promptPart } from "./served-tools.ts";
import { byName, protocolError, type Serving } from "./serving.ts";

/** Answers requests about prompts: skills, commands, and what MCP servers have under the names that people type in sessions. */
export function setPromptHandlers({ sdk, server, client, servers, answering, watchLists }: Serving): void {
  server.setRequestHandler(sdk.ListPromptsRequestSchema, (_, request) =>
    answering(request, async () => {
      const [texts, offered] = await Promise.all([client.texts(), servers.list(), watchLists()]);
      const own = [...texts.values()].filter(({ isPrompt }) => isPrompt).map(listedText);
      const names = new Set(own.map(({ name }) => name));
      const others = offered.flatMap(({ prompts }) => prompts).filter(({ name }) => !names.has(name));
      return { prompts: [...own, ...others.map(listedPrompt)].sort(byName) };
    }),
  );
  server.setRequestHandler(sdk.GetPromptRequestSchema, ({ params }, request) =>
    answering(request, async () => {
      const { name, arguments: given = {} } = params;
      const text = (await client.texts()).get(name);
      if (text?.isPrompt !== true) {
        const offering = serverOf(name, await servers.known()) ?? serverOf(name, await servers.list());
        if (offering !== undefined) {
          const missing = missingArgument(offering, name, given);
          if (missing === undefined) return servers.prompt(offering, name, given, request.signal);
          throw protocolError(sdk.ErrorCode.InvalidParams, `the prompt \`${name}\` needs its argument \`${missing}\``);
        }
        throw protocolError(
          sdk.ErrorCode.InvalidParams,
          `no plugin has a prompt \`${name}\`, nor a skill or command of that name for people`,
        );
      }
      const blocks = await client.prompt(text, typedArguments(text, given), request.signal);
      return {
        description: text.description,
        messages: blocks.flatMap(promptPart).map((content) => ({ role: "user" as const, content })),
      };
    }),
  );
}

/** The server whose prompt has that name. */
export function serverOf(name: string, servers: readonly OfferedMcpServer[]): OfferedMcpServer | undefined {
  return servers.find(({ prompts }) => prompts.some((prompt) => prompt.name === name));
}

function missingArgument(
  { prompts }: OfferedMcpServer,
  name: string,
  given: Readonly<Record<string, string>>,
): string | undefined {
  const prompt = prompts.find((each) => each.name === name);
  return prompt?.arguments.find((argument) => argument.required && given[argument.name] === undefined)?.name;
}

function listedText(text: ServedText): Prompt {
  return { name: text.name, description: text.description, arguments: promptArguments(text) };
}

function listedPrompt({ name, title, description, arguments: written }: McpPrompt): Prompt {
  return {
    name,
    ...(title !== undefined && { title }),
    description,
    arguments: written.map((argument) => ({
      name: argument.name,
      ...(argument.description !== undefined && { description: argument.description }),
      required: argument.required,
    })),
  };
}
