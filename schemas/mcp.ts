import * as z from "zod";

/** One MCP server as a file writes it; `type` absent means `stdio` when there is a `command`. */
export interface McpServerJson {
  readonly type?: string | undefined;
  readonly command?: string | undefined;
  readonly args?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly url?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly headersHelper?: string | undefined;
  readonly oauth?: Readonly<Record<string, unknown>> | undefined;
  readonly timeout?: number | undefined;
  readonly alwaysLoad?: boolean | undefined;
}

/** Server name → configuration. */
export type McpServersJson = Readonly<Record<string, McpServerJson>>;

const strings = z.record(z.string(), z.string());
const shared = { timeout: z.int().positive().optional(), alwaysLoad: z.boolean().optional() };

const stdioSchema = z.looseObject({
  type: z.literal("stdio").optional(),
  command: z.string().min(1),
  args: z.array(z.string()).optional(),
  env: strings.optional(),
  ...shared,
});

const oauthSchema = z.looseObject({
  clientId: z.string().optional(),
  callbackPort: z.number().int().positive().optional(),
  scopes: z.string().optional(),
  authServerMetadataUrl: z.string().startsWith("https://", { error: "expected an https address" }).optional(),
});

const httpSchema = z.looseObject({
  type: z.enum(["http", "streamable-http", "sse"]),
  url: z.string().min(1),
  headers: strings.optional(),
  headersHelper: z.string().optional(),
  oauth: oauthSchema.optional(),
  ...shared,
});

const wsSchema = z.looseObject({
  type: z.literal("ws"),
  url: z.string().min(1),
  headers: strings.optional(),
  headersHelper: z.string().optional(),
  ...shared,
});

/** The values of `type`. */
export type McpServerType = "stdio" | "http" | "streamable-http" | "sse" | "ws";

/** The schema of each kind of server, by its `type`. */
export const MCP_SERVER_SCHEMAS: Readonly<Record<McpServerType, z.ZodType<McpServerJson>>> = {
  stdio: stdioSchema,
  http: httpSchema,
  "streamable-http": httpSchema,
  sse: httpSchema,
  ws: wsSchema,
};

/** One MCP server. */
const mcpServerSchema: z.ZodType<McpServerJson> = z
  .union([stdioSchema, httpSchema, wsSchema])
  .meta({ title: "MCP server", description: "How to start or reach one MCP server" });

/** Server name → configuration, without wrapper. */
export const mcpServersSchema: z.ZodType<McpServersJson> = z.record(z.string().min(1), mcpServerSchema);

/** `.mcp.json`: the servers under `mcpServers`, or (in plugins) at the top. */
export const mcpJsonSchema: z.ZodType<{ readonly mcpServers: McpServersJson } | McpServersJson> = z
  .union([z.looseObject({ mcpServers: mcpServersSchema }), mcpServersSchema])
  .meta({ title: ".mcp.json", description: "MCP servers of a plugin or project" });
