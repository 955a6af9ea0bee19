import type { CompleteResult, GetPromptResult, ReadResourceResult } from "@modelcontextprotocol/sdk/types.js";
import type { Registration } from "../../plugin-api/disposable.ts";
import type { ContentBlock } from "../../plugin-api/message.ts";
import {
  mcpServersService,
  type McpCompletionSubject,
  type McpServers,
  type OfferedMcpServer,
} from "../../plugin-api/services/mcp-servers.ts";
import type { ToolRun } from "../../plugin-api/services/tools.ts";
import { CodedError } from "../../schemas/errors.ts";
import { required } from "../session/missing-service.ts";
import type * as Sdk from "./mcp-sdk.ts";
import { FIRST_LIST_MS, READ_RESOURCE, type ServedClient } from "./served-client.ts";
import type { ServedHost } from "./served-host.ts";
import { isOfPlugin } from "./served-texts.ts";
import { allowingRule } from "./served-tools.ts";
import { servedUri } from "./served-uri.ts";

/** Prompts and resources of the MCP servers of plugins, as one client gets them. */
export class ServedServers {
  readonly #host: ServedHost;
  readonly #client: ServedClient;
  readonly #sdk: typeof Sdk;
  readonly #hurried = Promise.withResolvers<void>();
  #watched: McpServers | undefined;

  constructor(host: ServedHost, client: ServedClient, sdk: typeof Sdk) {
    this.#host = host;
    this.#client = client;
    this.#sdk = sdk;
  }

  /** Waits a while for servers whose lists are not known yet: they are started for them. */
  async list(): Promise<readonly OfferedMcpServer[]> {
    const servers = await this.#servers();
    if (servers === undefined) return [];
    await Promise.race([
      servers.settled(),
      this.#hurried.promise,
      new Promise((resolve) => setTimeout(resolve, FIRST_LIST_MS).unref()),
    ]);
    return servers.all().filter(isOfPlugin);
  }

  /** From now on lists have what is known, without waiting. */
  hurry(): void {
    this.#hurried.resolve();
  }

  /** Those that are known now; nothing is started. */
  async known(): Promise<readonly OfferedMcpServer[]> {
    return ((await this.#servers())?.all() ?? []).filter(isOfPlugin);
  }

  /** Calls back after something came or went; further calls change nothing. */
  async watch(changed: () => void): Promise<void> {
    const servers = await this.#servers();
    if (servers === undefined || servers === this.#watched) return;
    this.#watched = servers;
    this.#client.untilClosed(servers.onChange(changed));
  }

  /** A prompt as its server makes it, past the hooks that judge what a person calls. */
  async prompt(
    server: OfferedMcpServer,
    name: string,
    given: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<GetPromptResult> {
    return this.#client.work(async (session) => {
      const servers = await this.#present();
      const made = await servers.prompt({ name, arguments: given, session, signal: this.#client.signal(signal) });
      const { success, data } = this.#sdk.GetPromptResultSchema.safeParse(made);
      if (!success) throw malformed(server, `prompt \`${name}\``);
      const args = Object.entries(given)
        .map(([key, value]) => `${key}=${value}`)
        .join(" ");
      const expansion = { content: data.messages.flatMap(shownPart), name, kind: "mcp-prompt" as const, args };
      const more = await this.#client.passGate(session, expansion, signal);
      return {
        ...data,
        messages: [
          ...data.messages.map(({ role, content }) => ({ role, content: withServedUri(server, content) })),
          ...more.flatMap((block) =>
            block.type === "text"
              ? [{ role: "user" as const, content: { type: "text" as const, text: block.text } }]
              : [],
          ),
        ],
      };
    });
  }

  /** A resource, read as a session reads it. Throws `E_TRUST` where rules or hooks refuse. */
  async read(server: OfferedMcpServer, uri: string, signal: AbortSignal): Promise<ReadResourceResult> {
    const run = await this.#client.readResource(server.key, uri, signal);
    refuseDenied(run, server.key);
    const { result, texts } = run;
    const served = servedUri(server, uri);
    const lines = result.content.flatMap((part) => (part.type === "text" ? [part.text] : []));
    if (result.isError === true) throw new Error(lines.join("\n"));
    const { success, data } = this.#sdk.ReadResourceResultSchema.safeParse(result.structured);
    // A hook that replaced the result gave a text.
    const contents = success
      ? data.contents.map((part) => ({ ...part, uri: servedUri(server, part.uri) }))
      : [{ uri: served, mimeType: "text/plain", text: lines.join("\n") }];
    return { contents: [...contents, ...texts.map((text) => ({ uri: served, mimeType: "text/plain", text }))] };
  }

  async complete(
    subject: McpCompletionSubject,
    argument: { readonly name: string; readonly value: string },
    chosen: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<CompleteResult> {
    const servers = await this.#present();
    const found = await this.#host.steadily(() => servers.complete({ subject, argument, chosen, signal }));
    return { completion: { ...found, values: [...found.values] } };
  }

  async subscribe(
    server: OfferedMcpServer,
    uri: string,
    changed: () => void,
    signal: AbortSignal,
  ): Promise<Registration> {
    const servers = await this.#present();
    return this.#host.steadily(() => servers.subscribe({ server: server.key, uri, changed, signal }));
  }

  #servers(): Promise<McpServers | undefined> {
    return this.#host.frontend.find(mcpServersService);
  }

  #present(): Promise<McpServers> {
    return required(mcpServersService.key, () => this.#host.frontend.use(mcpServersService));
  }
}

function refuseDenied({ denied, result }: ToolRun, key: string): void {
  if (denied === undefined) return;
  const said = result.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
  throw new CodedError("E_TRUST", said === "" ? `denied: ${denied.reason}` : said, {
    hint: denied.offers.length > 0 ? allowingRule(`${READ_RESOURCE}(${key})`) : "ask whoever set the rule or hook",
  });
}

type PromptContent = GetPromptResult["messages"][number]["content"];

/** Links and embedded resources in a prompt lead to what is served. */
function withServedUri(server: OfferedMcpServer, content: PromptContent): PromptContent {
  if (content.type === "resource_link") return { ...content, uri: servedUri(server, content.uri) };
  if (content.type !== "resource") return content;
  const { resource } = content;
  return { ...content, resource: { ...resource, uri: servedUri(server, resource.uri) } };
}

/** What hooks see of a message. */
function shownPart({ content }: GetPromptResult["messages"][number]): readonly ContentBlock[] {
  if (content.type === "text") return [{ type: "text", text: content.text }];
  if (content.type === "resource" && "text" in content.resource) return [{ type: "text", text: content.resource.text }];
  if (content.type !== "image") return [];
  return [{ type: "image", source: { type: "base64", media_type: content.mimeType, data: content.data } }];
}

function malformed({ key }: OfferedMcpServer, what: string): Error {
  return new Error(`MCP server \`${key}\` sent its ${what} in a form that the protocol does not have`);
}
