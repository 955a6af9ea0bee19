import { webServe, type WebRequest, type WebResponse, type WebServer } from "./web-server.ts";

/** An MCP server over streamable HTTP whose tools, by default one `whoami`, answer with the request's headers. */
export interface WebMcpServer extends WebServer {
  readonly url: string;
  /** Headers of the requests to the endpoint. */
  readonly heard: WebRequest["headers"][];
}

/** How it guards itself. */
export interface Guard {
  /** Address of the authorization server that it names. */
  readonly authorization: string;
  readonly accepts: (token: string, resource: string) => boolean;
  /** Address of its metadata, where it is not its own. */
  readonly metadata?: string;
}

/** Serves until disposed; without a guard it takes everybody, with `refuse` it answers those with that status. */
export async function webMcpServer(
  guard?: Guard,
  refuse?: (headers: WebRequest["headers"]) => number | undefined,
  tools: () => readonly object[] = () => [{ name: "whoami", description: "", inputSchema: { type: "object" } }],
): Promise<WebMcpServer> {
  const heard: WebRequest["headers"][] = [];
  let origin = "";
  const server = await webServe(({ method, url, headers, body }): WebResponse => {
    if (url.pathname === "/.well-known/oauth-protected-resource/mcp" && guard !== undefined) {
      return { body: { resource: `${origin}/mcp`, authorization_servers: [guard.authorization] } };
    }
    if (url.pathname !== "/mcp") return { status: 404 };
    heard.push(headers);
    const token = /^Bearer (.+)$/u.exec(headers.authorization ?? "")?.[1] ?? "";
    if (guard !== undefined && !guard.accepts(token, `${origin}/mcp`)) {
      const metadata = guard.metadata ?? `${origin}/.well-known/oauth-protected-resource/mcp`;
      return { status: 401, headers: { "www-authenticate": `Bearer resource_metadata="${metadata}"` } };
    }
    const status = refuse?.(headers);
    if (status !== undefined) return { status };
    if (method !== "POST") return { status: 405 };
    return reply(JSON.parse(body) as Message, headers, tools);
  });
  origin = server.origin;
  return {
    origin,
    url: `${origin}/mcp`,
    heard,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

interface Message {
  readonly id?: number;
  readonly method: string;
}

function reply({ id, method }: Message, headers: WebRequest["headers"], tools: () => readonly object[]): WebResponse {
  if (id === undefined) return { status: 202 };
  const result = (value: unknown): WebResponse => ({ body: { jsonrpc: "2.0", id, result: value } });
  if (method === "initialize") {
    return result({
      protocolVersion: "2025-06-18",
      capabilities: { tools: {} },
      serverInfo: { name: "web", version: "1" },
    });
  }
  if (method === "tools/list") return result({ tools: tools() });
  return result({ content: [{ type: "text", text: JSON.stringify(headers) }] });
}
