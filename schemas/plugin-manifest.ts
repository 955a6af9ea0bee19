import type { SourceSpec } from "./source-spec.ts";

/** Where a fact was read; `line` and `column` count from 1. */
export interface Provenance {
  readonly file: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
}

/** The format a plugin was read from. */
export type PluginFormat = "claude-code" | "agent-plugins" | "skill-folder" | "entry";

/** A person or organisation as a manifest names it. */
export interface Author {
  readonly name: string;
  readonly email?: string | undefined;
  readonly url?: string | undefined;
}

/** One dependency on another plugin; `market` absent means the declarer's marketplace, `range` is `*` when none was given. */
export interface PluginDependency {
  readonly name: string;
  readonly market?: string | undefined;
  readonly range: string;
  readonly where: Provenance;
}

/** A skill; `path` is its directory inside the tree. */
export interface SkillContribution {
  readonly kind: "skill";
  readonly name: string;
  readonly path: string;
  readonly file: string;
  readonly description: string;
  readonly whenToUse?: string | undefined;
  /** Every recognised front matter field in canonical camelCase; `salvaged: true` marks a block that was no valid YAML, which yields no permission. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly modelInvocable: boolean;
  readonly userInvocable: boolean;
  readonly paths?: readonly string[] | undefined;
  readonly hooks?: readonly HookContribution[] | undefined;
  /** Shell commands that its text runs when it is invoked (`` !`…` `` and ```` ```! ````), in order. */
  readonly injections?: readonly string[] | undefined;
}

/** A slash command; `name` uses `:` between folders; `file` is absent for inline content. */
export interface CommandContribution {
  readonly kind: "command";
  readonly name: string;
  readonly file?: string | undefined;
  readonly content?: string | undefined;
  readonly description: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Shell commands that its text runs when it is invoked (`` !`…` `` and ```` ```! ````), in order. */
  readonly injections?: readonly string[] | undefined;
}

/** A subagent. */
export interface AgentContribution {
  readonly kind: "agent";
  readonly name: string;
  readonly file: string;
  readonly description: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The five handler types of public hook files, see formats.md §6.3. */
export type HookHandler =
  | {
      readonly type: "command";
      readonly command: string;
      readonly args?: readonly string[] | undefined;
      readonly shell?: string | undefined;
      readonly async?: boolean | undefined;
      readonly asyncRewake?: boolean | undefined;
    }
  | {
      readonly type: "http";
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      readonly allowedEnvVars?: readonly string[] | undefined;
    }
  | { readonly type: "mcp_tool"; readonly server: string; readonly tool: string; readonly input?: unknown }
  | {
      readonly type: "prompt";
      readonly prompt: string;
      readonly model?: string | undefined;
      readonly continueOnBlock?: boolean | undefined;
    }
  | { readonly type: "agent"; readonly prompt: string; readonly model?: string | undefined };

/** One hook handler on one event. `timeoutSeconds` absent means the default of its type. */
export interface HookContribution {
  readonly kind: "hook";
  readonly event: string;
  readonly matcher?: string | undefined;
  readonly handler: HookHandler;
  readonly if?: string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly statusMessage?: string | undefined;
  readonly once?: boolean | undefined;
  /** It guards something: that it fails, comes too late or cannot be understood counts as its no. */
  readonly required?: boolean | undefined;
  readonly where: Provenance;
}

/** A program with its arguments and variables. */
export interface ServerStart {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** How an MCP server is started that talks over its standard streams. */
export interface StdioServer extends ServerStart {
  readonly transport: "stdio";
  /** By `process.platform`: what is started there instead; only servers of bundles have it, and `onPlatform` takes it away. */
  readonly platforms?: Readonly<Record<string, ServerStart>> | undefined;
}

/** An MCP server; a bundle is `{transport: "bundle"}` where it was not unpacked, and its server otherwise. */
export interface McpContribution {
  readonly kind: "mcp";
  readonly name: string;
  readonly config:
    | StdioServer
    | {
        readonly transport: "http" | "sse" | "ws";
        readonly url: string;
        readonly headers: Readonly<Record<string, string>>;
        readonly headersHelper?: string | undefined;
        readonly oauth?: Readonly<Record<string, unknown>> | undefined;
      }
    | { readonly transport: "bundle"; readonly location: string };
  readonly timeoutMs?: number | undefined;
  readonly alwaysLoad?: boolean | undefined;
  readonly where: Provenance;
}

/** An LSP server. */
export interface LspContribution {
  readonly kind: "lsp";
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** File extension with its dot → language id. */
  readonly extensionToLanguage: Readonly<Record<string, string>>;
  /** The remaining documented options, as read. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly where: Provenance;
}

/** A background monitor. */
export interface MonitorContribution {
  readonly kind: "monitor";
  readonly name: string;
  readonly command: string;
  readonly description: string;
  readonly when: string;
  readonly where: Provenance;
}

/** A contribution that is one file: output style, workflow, theme, mod module, executable of `bin/`. */
export interface FileContribution {
  readonly kind: "output-style" | "workflow" | "theme" | "mod" | "bin";
  readonly name: string;
  readonly file: string;
  readonly description?: string | undefined;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** Anything a plugin adds. */
export type Contribution =
  | SkillContribution
  | CommandContribution
  | AgentContribution
  | HookContribution
  | McpContribution
  | LspContribution
  | MonitorContribution
  | FileContribution;

/** One user option, see formats.md §1.5. */
export interface UserOption {
  readonly type: "string" | "number" | "boolean" | "directory" | "file";
  readonly title: string;
  readonly description: string;
  readonly required: boolean;
  readonly sensitive: boolean;
  readonly multiple: boolean;
  readonly default?: string | number | boolean | readonly string[] | undefined;
  readonly options?: readonly string[] | undefined;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

/** The `plugsmith` key of a manifest (DESIGN §3); its inner shape is refined by the host. */
export interface PlugsmithExtension {
  readonly entry?: string | undefined;
  readonly engine?: string | undefined;
  readonly capabilities?: unknown;
  readonly contributes?: unknown;
  readonly points?: unknown;
  readonly provides?: unknown;
  readonly uses?: unknown;
  readonly listens?: unknown;
  readonly activation?: unknown;
  readonly protected?: unknown;
}

/** The canonical, frozen form of whatever was found: manifest file, catalog entry, folder conventions, merged. */
export interface PluginManifest {
  readonly schema: 1;
  readonly format: PluginFormat;
  /** Namespace of every component: the manifest's own name, else the entry's. */
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly author?: Author | undefined;
  readonly homepage?: string | undefined;
  readonly repository?: string | undefined;
  readonly license?: string | undefined;
  readonly keywords: readonly string[];
  readonly defaultEnabled: boolean;
  readonly dependencies: readonly PluginDependency[];
  /** Those of a server that came in a bundle, or is a channel, as `<server>.<key>`: they are for it alone. */
  readonly userConfig: Readonly<Record<string, UserOption>>;
  readonly channels: readonly {
    readonly server: string;
    readonly displayName?: string | undefined;
    readonly userConfig: Readonly<Record<string, UserOption>>;
  }[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** In a fixed order: by kind, then name, then file; hooks keep their file order. */
  readonly contributions: readonly Contribution[];
  readonly plugsmith?: PlugsmithExtension | undefined;
  /** Manifest field path → where it came from, e.g. `version` → `.claude-plugin/plugin.json:3:3`. */
  readonly provenance: Readonly<Record<string, Provenance>>;
}

/** The part of a catalog entry that can stand in for, or add to, a manifest; `source` is where its bytes are. */
export interface CatalogEntry {
  readonly name: string;
  readonly source: SourceSpec;
  readonly strict: boolean;
  readonly version?: string | undefined;
  readonly description?: string | undefined;
  readonly displayName?: string | undefined;
  readonly category?: string | undefined;
  readonly tags: readonly string[];
  readonly defaultEnabled?: boolean | undefined;
  readonly dependencies: readonly PluginDependency[];
  /** The entry as written, without prototype keys, for the readers to merge. */
  readonly raw: Readonly<Record<string, unknown>>;
  readonly where: Provenance;
}
