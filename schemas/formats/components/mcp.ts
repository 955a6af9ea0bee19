import type { McpServerJson, McpServerType } from "../../mcp.ts";
import type { McpContribution, Provenance } from "../../plugin-manifest.ts";
import { mcpServerShape } from "../../shapes.ts";
import { escapeControl } from "../../names.ts";
import type { Located } from "../json-file.ts";
import { locatedAt, readJsonFile } from "../json-file.ts";
import { isRecord } from "../../record.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf, requestJson, requestPath } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";
import { baseName } from "../tree-path.ts";
import { readBundle } from "./mcp-bundle.ts";

const BUNDLE = /\.(?:mcpb|dxt)$/i;

/** Reads MCP servers from the default file, then what is declared; a later server of the same name replaces an earlier one. */
export function readMcpServers(
  context: ReadContext,
  defaultFile: string,
  declared: readonly Located[],
): readonly McpContribution[] {
  const servers = new Map<string, McpContribution>();
  const add = (list: readonly McpContribution[]): void => {
    for (const server of list) servers.set(server.name, server);
  };
  const seen = new Set<string>();
  const addFile = (request: PathRequest): void => {
    const node = fileOf(context, request, "mcp");
    if (node === undefined || seen.has(node.path)) return;
    seen.add(node.path);
    if (BUNDLE.test(request.path)) {
      add(bundle(context, request.path, request.declared?.where ?? { file: request.path }));
      return;
    }
    const document = readJsonFile(context.tree, request.path, context.findings, "mcp");
    if (document !== undefined) add(readMcpDocument(context, document));
  };
  addFile({ path: defaultFile });
  for (const located of declared) {
    for (const part of Array.isArray(located.value)
      ? located.value.map((_, index) => locatedAt(located, [index]))
      : [located]) {
      const { value } = part;
      if (typeof value !== "string") {
        reportWrapper(context, part);
        add(readMcpDocument(context, part));
      } else if (/^https?:/i.test(value)) add(bundleUrl(context, value, part));
      else {
        const request = BUNDLE.test(value)
          ? requestPath(context, value, part.where(), "mcp")
          : requestJson(context, value, part.where(), "mcp");
        if (request !== undefined) addFile(request);
      }
    }
  }
  return [...servers.values()];
}

/** Only a file has the wrapper; in a manifest it is tolerated. */
function reportWrapper(context: ReadContext, part: Located): void {
  if (!isRecord(part.value) || !Object.hasOwn(part.value, "mcpServers")) return;
  context.findings.warn(
    "W_MCP_WRAPPED",
    "servers in a manifest need no key `mcpServers`",
    part.where(["mcpServers"], "key"),
    {
      hint: "write the servers themselves",
    },
  );
}

/** Reads a map of servers, with or without its `mcpServers` wrapper. */
export function readMcpDocument(context: ReadContext, document: Located): readonly McpContribution[] {
  const wrapped = isRecord(document.value) && Object.hasOwn(document.value, "mcpServers");
  const map = wrapped ? locatedAt(document, ["mcpServers"]) : document;
  if (!isRecord(map.value)) {
    context.findings.error("E_SCHEMA", "MCP servers are not a JSON object", map.where(), {
      hint: 'write `{"mcpServers": {…}}`',
      dropped: "mcp",
    });
    return [];
  }
  return Object.keys(map.value).flatMap((name) => {
    const server = readMcpServer(context, name, locatedAt(map, [name]));
    return server === undefined ? [] : [server];
  });
}

function readMcpServer(context: ReadContext, name: string, located: Located): McpContribution | undefined {
  const { findings } = context;
  const { value } = located;
  if (!isRecord(value)) {
    findings.error("E_SCHEMA", `MCP server \`${name}\` is not an object`, located.where(), {
      hint: "give it a `command` or a `url`",
      dropped: "mcp",
    });
    return undefined;
  }
  const written = value["type"];
  const type = typeof written === "string" ? written : "command" in value || !("url" in value) ? "stdio" : "http";
  if (!isServerType(type)) {
    findings.error("E_SCHEMA", `MCP server \`${name}\` has unknown type \`${type}\``, located.where(["type"]), {
      hint: "use `stdio`, `http`, `sse` or `ws`",
      dropped: "mcp",
    });
    return undefined;
  }
  if (written === undefined && type === "http") {
    findings.warn(
      "W_MCP_TYPE",
      `MCP server \`${name}\` has a \`url\` but no \`type\`; \`http\` is assumed`,
      located.where(),
      { hint: 'add `"type": "http"`' },
    );
  }
  const typed: Located = written === undefined ? { ...located, value: { ...value, type } } : located;
  const json = checkShape((server) => mcpServerShape(type, server), typed, findings, {
    code: "E_SCHEMA",
    subject: `MCP server \`${name}\``,
    dropped: "mcp",
  });
  if (json === undefined) return undefined;
  if (json.headersHelper?.includes("${user_config.") === true) {
    findings.error(
      "E_SCHEMA",
      `MCP server \`${name}\`: a shell command may not hold \`\${user_config.…}\``,
      located.where(["headersHelper"]),
      {
        hint: "read the option from a file or the environment",
        dropped: "mcp",
      },
    );
    return undefined;
  }
  if (json.url !== undefined && type !== "stdio" && !json.url.includes("${") && !URL.canParse(json.url)) {
    findings.warn(
      "W_MCP_URL",
      `MCP server \`${name}\`: \`${escapeControl(json.url.slice(0, 200))}\` is no absolute URL`,
      located.where(["url"]),
      { hint: "write `https://host/path`" },
    );
  }
  return {
    kind: "mcp",
    name,
    config: configOf(json, type),
    ...(json.timeout !== undefined && { timeoutMs: json.timeout }),
    ...(json.alwaysLoad !== undefined && { alwaysLoad: json.alwaysLoad }),
    where: located.where(),
  };
}

function isServerType(type: string): type is McpServerType {
  return ["stdio", "http", "streamable-http", "sse", "ws"].includes(type);
}

function configOf(json: McpServerJson, type: string): McpContribution["config"] {
  if (type === "stdio")
    return { transport: "stdio", command: json.command ?? "", args: json.args ?? [], env: json.env ?? {} };
  return {
    transport: type === "sse" || type === "ws" ? type : "http",
    url: json.url ?? "",
    headers: json.headers ?? {},
    ...(json.headersHelper !== undefined && { headersHelper: json.headersHelper }),
    ...(json.oauth !== undefined && { oauth: json.oauth }),
  };
}

function bundleUrl(context: ReadContext, url: string, part: Located): readonly McpContribution[] {
  const path = URL.canParse(url) ? new URL(url).pathname : "";
  if (url.startsWith("https:") && BUNDLE.test(path)) return bundle(context, url, part.where());
  context.findings.error(
    "E_SOURCE_INVALID",
    `MCP bundle \`${url}\` is not an https address of a \`.mcpb\` or \`.dxt\` file`,
    part.where(),
    {
      hint: "use https and one of those endings",
      dropped: "mcp",
    },
  );
  return [];
}

function bundle(context: ReadContext, location: string, where: Provenance): readonly McpContribution[] {
  const name = baseName(location.split(/[?#]/, 1)[0] ?? location).replace(BUNDLE, "");
  const server = readBundle(context, location, name, where);
  return server === undefined ? [] : [server];
}
