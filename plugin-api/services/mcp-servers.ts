import type { Registration } from "../disposable.ts";
import type { PluginInfo } from "../plugin-info.ts";
import { defineService, type Service } from "../service.ts";
import type { Session } from "../session.ts";

/** A prompt of an MCP server. */
export interface McpPrompt {
  /** As a person types it behind the slash: `mcp__<server>__<prompt>`, unique among all servers. */
  readonly name: string;
  readonly title?: string | undefined;
  readonly description: string;
  readonly arguments: readonly {
    readonly name: string;
    readonly description?: string | undefined;
    readonly required: boolean;
  }[];
}

/** A resource of an MCP server, or a template of such: its `uri` holds expressions `{…}` then (RFC 6570). */
export interface McpResource {
  readonly uri: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description: string;
  readonly mediaType?: string | undefined;
}

/** What a server that takes part offers beside tools, as it said when it last ran. */
export interface OfferedMcpServer {
  readonly plugin: PluginInfo;
  /** What people call it, and the tool `ReadMcpResource`: `plugin:<plugin>:<name>`. */
  readonly key: string;
  readonly name: string;
  readonly prompts: readonly McpPrompt[];
  readonly resources: readonly McpResource[];
  readonly templates: readonly McpResource[];
}

/** What a value is proposed for: an argument of a prompt by the prompt's name, or an expression of a template. */
export type McpCompletionSubject =
  { readonly prompt: string } | { readonly server: string; readonly uriTemplate: string };

/** Values that a server proposes. */
export interface McpCompletion {
  readonly values: readonly string[];
  readonly total?: number | undefined;
  readonly hasMore?: boolean | undefined;
}

/**
 * Prompts and resources of MCP servers for programs that pass them on. Contents are read by the guarded tool `ReadMcpResource`. Each
 * call starts the server where it does not run, and rejects with a message that names it.
 */
export interface McpServers {
  /** Sorted by key; those whose lists are not known yet are missing. */
  all(): readonly OfferedMcpServer[];
  /** Resolves when the lists of all servers are known or have failed: those without a list from before are started for it. */
  settled(): Promise<void>;
  /** Calls back after something came or went. */
  onChange(changed: () => void): Registration;
  /** What the server makes of its prompt, as it sent it: unchecked. */
  prompt(request: {
    readonly name: string;
    readonly arguments: Readonly<Record<string, string>>;
    readonly session: Session;
    readonly signal: AbortSignal;
  }): Promise<unknown>;
  /** Nothing where the server proposes no values. */
  complete(request: {
    readonly subject: McpCompletionSubject;
    readonly argument: { readonly name: string; readonly value: string };
    /** Values that are chosen already. */
    readonly chosen: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
  }): Promise<McpCompletion>;
  /** Hears of changes of one resource until it is disposed, also after the server was started anew. */
  subscribe(request: {
    readonly server: string;
    readonly uri: string;
    readonly changed: () => void;
    readonly signal: AbortSignal;
  }): Promise<Registration>;
}

/** Provided by the built-in `mcp-bridge`. */
export const mcpServersService: Service<McpServers> = defineService("plugsmith/mcp-servers");
