import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import { isCodedError } from "../../schemas/errors.ts";
import { messageOf } from "../session/message-of.ts";
import { VERSION } from "../version.ts";
import type { AskingClient } from "./asking-clients.ts";
import { askThrough } from "./client-question.ts";
import { setCompletionHandler } from "./completion-handler.ts";
import { setPromptHandlers } from "./prompt-handlers.ts";
import { setResourceHandlers } from "./resource-handlers.ts";
import { ServedClient } from "./served-client.ts";
import type { ServedHost } from "./served-host.ts";
import { ServedServers } from "./served-servers.ts";
import { protocolError, type Serving } from "./serving.ts";
import { callResult, listedTool } from "./served-tools.ts";

/** One connected client. */
export interface Connection {
  /** Resolves when no request is being answered; lists no longer wait for servers that are not known yet. */
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
  const { ErrorCode } = sdk;
  const server = new sdk.Server(
    { name: "plugsmith", title: "Plugsmith", version: VERSION },
    {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
      },
      debouncedNotificationMethods: [
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/list_changed",
      ],
    },
  );
  const client = new ServedClient(host);
  const servers = new ServedServers(host, client, sdk);
  const canAsk = (): boolean => server.getClientCapabilities()?.elicitation !== undefined;
  const askingAbout = (about?: RequestId): AskingClient => ({
    ask: canAsk() ? (question) => askThrough(server, question, about) : undefined,
  });
  let asking: AskingClient | undefined;
  const running = new Set<Promise<unknown>>();
  /** What is the client's mistake has its number; everything else says what happened. */
  const answering = async <Result>(request: Request, work: () => Promise<Result>): Promise<Result> => {
    const answer = host.clients.run(askingAbout(request.requestId), work).catch((error: unknown) => {
      if (!isCodedError(error)) throw error;
      const number = error.code === "E_NOT_FOUND" ? ErrorCode.InvalidParams : ErrorCode.InternalError;
      throw protocolError(number, `${error.message}\nhint: ${error.hint}`);
    });
    const entry = answer.catch(() => undefined).finally(() => running.delete(entry));
    running.add(entry);
    return answer;
  };
  const listChanged = (): void => {
    tell(server.sendPromptListChanged());
    tell(server.sendResourceListChanged());
  };
  let tools: Promise<void> | undefined;
  let texts: Promise<void> | undefined;
  const watchTools = (): Promise<void> => (tools ??= client.onTools(() => tell(server.sendToolListChanged())));
  const watchLists = async (): Promise<void> => {
    texts ??= client.onTexts(() => {
      listChanged();
      watched.textsChanged();
    });
    await Promise.all([texts, servers.watch(listChanged)]);
  };
  /** A client that has gone needs no news. */
  const tell = (sent: Promise<void>): void =>
    void sent.catch((error: unknown) => host.frontend.log.debug(messageOf(error)));

  const serving: Serving = { sdk, server, client, servers, answering, tell, watchLists };
  Object.assign(server, { onerror: failed });
  server.oninitialized = () => {
    asking = askingAbout();
    host.clients.add(asking);
  };
  server.setRequestHandler(sdk.ListToolsRequestSchema, (_, request) =>
    answering(request, async () => {
      const offered = await client.tools();
      await watchTools();
      return { tools: offered.map(listedTool) };
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
  setPromptHandlers(serving);
  const watched = setResourceHandlers(serving);
  setCompletionHandler(serving);
  await server.connect(transport);
  return {
    idle: async () => {
      servers.hurry();
      while (running.size > 0) await Promise.all(running);
    },
    close: async () => {
      watched.close();
      if (asking !== undefined) host.clients.remove(asking);
      await client.close();
      await server.close();
    },
  };
}
