import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import { isCodedError } from "../../schemas/errors.ts";
import { messageOf } from "../session/message-of.ts";
import { VERSION } from "../version.ts";
import type { AskingClient } from "./asking-clients.ts";
import { askThrough } from "./client-question.ts";
import { promptArguments, typedArguments } from "./prompt-arguments.ts";
import { ServedClient } from "./served-client.ts";
import type { ServedHost } from "./served-host.ts";
import type { ServedText } from "./served-texts.ts";
import { callResult, listedTool, promptPart } from "./served-tools.ts";

/** One connected client. */
export interface Connection {
  /** Resolves when no request is being answered. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/** The request that is answered. */
interface Request {
  readonly requestId: RequestId;
}

/** Answers one client over a transport until either side closes; `failed` hears of what is no message. */
export async function connectClient(
  host: ServedHost,
  transport: Transport,
  failed: (error: Error) => void,
): Promise<Connection> {
  const sdk = await import("./mcp-sdk.ts");
  const { ErrorCode, McpError } = sdk;
  const server = new sdk.Server(
    { name: "plugsmith", title: "Plugsmith", version: VERSION },
    {
      capabilities: { tools: { listChanged: true }, prompts: { listChanged: true }, resources: { listChanged: true } },
      debouncedNotificationMethods: [
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/list_changed",
      ],
    },
  );
  const client = new ServedClient(host);
  const canAsk = (): boolean => server.getClientCapabilities()?.elicitation !== undefined;
  const askingAbout = (about?: RequestId): AskingClient => ({
    ask: canAsk() ? (question) => askThrough(server, question, about) : undefined,
  });
  let asking: AskingClient | undefined;
  const running = new Set<Promise<unknown>>();
  /** What is the client's mistake has its number; everything else says what happened. */
  const answering = async <Result>(request: Request, work: () => Promise<Result>): Promise<Result> => {
    const answer = host.clients.run(askingAbout(request.requestId), work).catch((error: unknown) => {
      if (error instanceof McpError || !isCodedError(error)) throw error;
      const number = error.code === "E_NOT_FOUND" ? ErrorCode.InvalidParams : ErrorCode.InternalError;
      throw new McpError(number, `${error.message}\nhint: ${error.hint}`);
    });
    const entry = answer.catch(() => undefined).finally(() => running.delete(entry));
    running.add(entry);
    return answer;
  };
  const watched = new Set<string>();
  const watch = async (what: string, start: () => Promise<void>): Promise<void> => {
    if (watched.has(what)) return;
    watched.add(what);
    await start();
  };
  const watchTexts = (): Promise<void> =>
    watch("texts", () =>
      client.onTexts(() => {
        tell(server.sendPromptListChanged());
        tell(server.sendResourceListChanged());
      }),
    );
  /** A client that has gone needs no news. */
  const tell = (sent: Promise<void>): void =>
    void sent.catch((error: unknown) => host.frontend.log.debug(messageOf(error)));

  Object.assign(server, { onerror: failed });
  server.oninitialized = () => {
    asking = askingAbout();
    host.clients.add(asking);
  };
  server.setRequestHandler(sdk.ListToolsRequestSchema, (_, request) =>
    answering(request, async () => {
      const tools = await client.tools();
      await watch("tools", () => client.onTools(() => tell(server.sendToolListChanged())));
      return { tools: tools.map(listedTool) };
    }),
  );
  server.setRequestHandler(sdk.CallToolRequestSchema, ({ params }, request) =>
    answering(request, async () => {
      const { name, arguments: input = {}, _meta } = params;
      const progressToken = _meta?.progressToken;
      let progress = 0;
      const onProgress = (message: string): void => {
        if (progressToken === undefined) return;
        progress += 1;
        tell(
          request.sendNotification({ method: "notifications/progress", params: { progressToken, progress, message } }),
        );
      };
      return callResult(await client.call({ name, input, signal: request.signal, onProgress }));
    }),
  );
  server.setRequestHandler(sdk.ListPromptsRequestSchema, (_, request) =>
    answering(request, async () => {
      await watchTexts();
      const texts = [...(await client.texts()).values()].filter(({ isPrompt }) => isPrompt).sort(byName);
      return {
        prompts: texts.map((text) => ({
          name: text.name,
          description: text.description,
          arguments: promptArguments(text),
        })),
      };
    }),
  );
  server.setRequestHandler(sdk.GetPromptRequestSchema, ({ params }, request) =>
    answering(request, async () => {
      const text = (await client.texts()).get(params.name);
      if (text?.isPrompt !== true) {
        throw new McpError(ErrorCode.InvalidParams, `no plugin has a skill or command \`${params.name}\` for people`);
      }
      const blocks = await client.prompt(text, typedArguments(text, params.arguments ?? {}), request.signal);
      return {
        description: text.description,
        messages: blocks.flatMap(promptPart).map((content) => ({ role: "user" as const, content })),
      };
    }),
  );
  server.setRequestHandler(sdk.ListResourcesRequestSchema, (_, request) =>
    answering(request, async () => {
      await watchTexts();
      const texts = [...(await client.texts()).values()].sort(byName);
      return {
        resources: texts.map(({ uri, name, description }) => ({ uri, name, description, mimeType: "text/markdown" })),
      };
    }),
  );
  server.setRequestHandler(sdk.ReadResourceRequestSchema, ({ params: { uri } }, request) =>
    answering(request, async () => {
      const text = (await client.texts()).values().find((each) => each.uri === uri);
      if (text === undefined) throw new McpError(RESOURCE_NOT_FOUND, `no plugin has \`${uri}\``, { uri });
      return { contents: [{ uri, mimeType: "text/markdown", text: await client.document(text, request.signal) }] };
    }),
  );
  await server.connect(transport);
  return {
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
    close: async () => {
      if (asking !== undefined) host.clients.remove(asking);
      await client.close();
      await server.close();
    },
  };
}

/** The protocol's own number for it. */
const RESOURCE_NOT_FOUND = -32_002;

function byName(left: ServedText, right: ServedText): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}
