import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  ElicitationCompleteNotificationSchema,
  ErrorCode,
  ListRootsRequestSchema,
  McpError,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import type { Log } from "plugsmith/plugin-api";
import type { Answers } from "./elicitation.ts";
import { readLists, shownText, type ServerLists } from "./listed.ts";

const MAX_PAGES = 100;

/** What a connection is opened with. */
export interface ConnectionOptions {
  readonly transport: Transport;
  /** Why the transport ended; the protocol itself only knows that it did. */
  readonly ending: () => string | undefined;
  readonly projectDirectory: string;
  readonly connectMs: number;
  readonly log: Log;
  readonly onListChanged: () => void;
  /** A resource that was subscribed to changed. */
  readonly onUpdated: (uri: string) => void;
  readonly onClosed: () => void;
  /** What a person was asked to open is done with. */
  readonly onCompleted: (id: string) => void;
  /** Answers a server's questions; absent: it is told that nobody can. */
  readonly elicit?: Answers | undefined;
  readonly signal: AbortSignal;
}

/** How one request is sent. */
export interface CallOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly progress?: ((text: string) => void) | undefined;
}

/** One server that was greeted and answers. */
export class Connection {
  readonly #client: Client;
  readonly #options: ConnectionOptions;

  private constructor(client: Client, options: ConnectionOptions) {
    this.#client = client;
    this.#options = options;
  }

  /** Rejects with why it could not be opened; the transport is closed then. */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const { transport, connectMs, signal, elicit } = options;
    const client = new Client(
      { name: "plugsmith", version: "0.1.0" },
      { capabilities: { roots: {}, ...(elicit !== undefined && { elicitation: { form: {}, url: {} } }) } },
    );
    const connection = new Connection(client, options);
    connection.#answer();
    const deadline = AbortSignal.timeout(connectMs);
    try {
      await within(client.connect(transport, { signal, timeout: connectMs }), AbortSignal.any([signal, deadline]));
    } catch (error) {
      const ending = options.ending();
      await client.close();
      await transport.close();
      if (deadline.aborted) throw new Error(`it did not answer within ${String(connectMs / 1000)} s`, { cause: error });
      throw ending === undefined ? error : new Error(ending, { cause: error });
    }
    Object.assign(client, { onclose: options.onClosed });
    return connection;
  }

  /** Everything it offers, page by page. */
  async lists({ signal, timeoutMs }: CallOptions): Promise<ServerLists> {
    const { tools, prompts, resources, completions } = this.#client.getServerCapabilities() ?? {};
    const all = async (offered: unknown, method: string, key: string): Promise<readonly unknown[]> => {
      const items: unknown[] = [];
      if (offered === undefined) return items;
      let cursor: unknown;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const result = await this.#request(method, cursor === undefined ? {} : { cursor }, { signal, timeoutMs });
        const part: unknown = result[key];
        if (Array.isArray(part)) for (const item of part) items.push(item);
        cursor = result["nextCursor"];
        if (typeof cursor !== "string" || cursor === "") break;
      }
      return items;
    };
    return readLists(
      {
        instructions: this.#client.getInstructions() ?? "",
        tools: await all(tools, "tools/list", "tools"),
        prompts: await all(prompts, "prompts/list", "prompts"),
        resources: [
          ...(await all(resources, "resources/list", "resources")),
          ...(await all(resources, "resources/templates/list", "resourceTemplates").catch(() => [])),
        ],
        completes: completions !== undefined,
        subscribes: resources?.subscribe === true,
      },
      (message) => this.#options.log.warn(message),
    );
  }

  callTool(name: string, input: unknown, options: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.#request("tools/call", { name, arguments: input }, options);
  }

  prompt(
    name: string,
    args: Readonly<Record<string, string>>,
    options: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    return this.#request("prompts/get", { name, arguments: args }, options);
  }

  resource(uri: string, options: CallOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.#request("resources/read", { uri }, options);
  }

  /** `reference` and `chosen` as the protocol writes them. */
  complete(
    reference: Readonly<Record<string, string>>,
    argument: { readonly name: string; readonly value: string },
    chosen: Readonly<Record<string, string>>,
    options: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    const context = Object.keys(chosen).length === 0 ? {} : { context: { arguments: chosen } };
    return this.#request("completion/complete", { ref: reference, argument, ...context }, options);
  }

  async subscribe(uri: string, options: CallOptions): Promise<void> {
    await this.#request("resources/subscribe", { uri }, options);
  }

  async unsubscribe(uri: string, options: CallOptions): Promise<void> {
    await this.#request("resources/unsubscribe", { uri }, options);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  /** The schema of a result is loose: what each part of it is gets looked at where it is used. */
  async #request(
    method: string,
    params: Readonly<Record<string, unknown>>,
    { signal, timeoutMs, progress }: CallOptions,
  ): Promise<Readonly<Record<string, unknown>>> {
    const onprogress: RequestOptions["onprogress"] = ({ progress: done, total, message }) =>
      progress?.(message ?? `${String(done)}${total === undefined ? "" : ` of ${String(total)}`}`);
    const options: RequestOptions = {
      signal,
      timeout: timeoutMs,
      ...(progress !== undefined && { onprogress, resetTimeoutOnProgress: true }),
    };
    try {
      return await this.#client.request({ method, params }, ResultSchema, options);
    } catch (error) {
      signal.throwIfAborted();
      const ending = this.#options.ending();
      if (ending !== undefined) throw new Error(ending, { cause: error });
      if (error instanceof McpError && error.code === Number(ErrorCode.RequestTimeout)) {
        throw new Error(`it did not answer within ${String(timeoutMs / 1000)} s`, { cause: error });
      }
      throw error;
    }
  }

  #answer(): void {
    const client = this.#client;
    const { projectDirectory, log, onListChanged, elicit } = this.#options;
    client.setRequestHandler(ListRootsRequestSchema, () => ({
      roots: [{ uri: pathToFileURL(projectDirectory).href, name: basename(projectDirectory) }],
    }));
    client.fallbackRequestHandler = async ({ method, params }, { signal }) => {
      if (method === "elicitation/create" && elicit !== undefined) return { ...(await elicit(params, signal)) };
      log.warn(`it asked for \`${method}\`, which was refused`);
      throw new McpError(ErrorCode.MethodNotFound, `Plugsmith does not answer ${method.slice(0, 100)}`);
    };
    for (const schema of [
      ToolListChangedNotificationSchema,
      PromptListChangedNotificationSchema,
      ResourceListChangedNotificationSchema,
    ]) {
      client.setNotificationHandler(schema, onListChanged);
    }
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) =>
      this.#options.onUpdated(params.uri),
    );
    client.setNotificationHandler(ElicitationCompleteNotificationSchema, ({ params }) =>
      this.#options.onCompleted(shownText(params.elicitationId, 100)),
    );
    // Malformed messages and failures of a stream; what they break rejects by itself.
    Object.assign(client, { onerror: ({ message }: Error) => log.debug(message) });
  }
}

/** Settles as the work does, or rejects when the signal is aborted first. */
async function within<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
