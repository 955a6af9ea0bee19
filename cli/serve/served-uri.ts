import type { OfferedMcpServer } from "../../plugin-api/services/mcp-servers.ts";

/**
 * The URI under which a resource of a server is served: `mcp://<plugin>/<server>/` before what the server calls it. Nothing of that is
 * encoded anew, so a template stays one (RFC 6570), and what it expands to leads back.
 */
export function servedUri(server: Pick<OfferedMcpServer, "plugin" | "name">, uri: string): string {
  return `${beginning(server)}${uri}`;
}

/** The server that a served URI, or a template, is of, with its own name for it. */
export function ownUri<Server extends Pick<OfferedMcpServer, "plugin" | "name">>(
  servers: readonly Server[],
  served: string,
): { readonly server: Server; readonly uri: string } | undefined {
  const server = servers.find((one) => served.startsWith(beginning(one)));
  return server === undefined ? undefined : { server, uri: served.slice(beginning(server).length) };
}

function beginning({ plugin, name }: Pick<OfferedMcpServer, "plugin" | "name">): string {
  return `mcp://${encodeURIComponent(plugin.name)}/${encodeURIComponent(name)}/`;
}
