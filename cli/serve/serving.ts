import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { RequestId } from "@modelcontextprotocol/sdk/types.js";
import type * as Sdk from "./mcp-sdk.ts";
import type { ServedClient } from "./served-client.ts";
import type { ServedServers } from "./served-servers.ts";

/** What the handlers of one client's requests share. */
export interface Serving {
  readonly sdk: typeof Sdk;
  readonly server: Server;
  readonly client: ServedClient;
  readonly servers: ServedServers;
  /** Every request is answered in it: it counts as running, and an error says what happened. */
  readonly answering: <Result>(
    request: { readonly requestId: RequestId },
    work: () => Promise<Result>,
  ) => Promise<Result>;
  /** Sends what nobody waits for. */
  readonly tell: (sent: Promise<void>) => void;
  /** From now on the client hears of prompts and resources that come or go. */
  readonly watchLists: () => Promise<void>;
}

/** Left before right, by name. */
export function byName(left: { readonly name: string }, right: { readonly name: string }): number {
  return left.name < right.name ? -1 : left.name > right.name ? 1 : 0;
}

/** An error as a client gets it. `McpError` itself would say its number in the message again. */
export function protocolError(code: number, message: string, data?: Readonly<Record<string, unknown>>): Error {
  return Object.assign(new Error(message), { code, ...(data !== undefined && { data }) });
}
