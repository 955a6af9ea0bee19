import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { defineTool, type JsonSchema, type Tool } from "plugsmith/plugin-api";
import type {
  DocumentSymbol,
  Hover,
  Location,
  LocationLink,
  SymbolInformation,
} from "vscode-languageserver-protocol/node";
import { diagnosticLines } from "./diagnostic-report.ts";
import type { LanguageServer } from "./language-server.ts";
import type { ServerPool } from "./server-pool.ts";

interface LspInput {
  readonly operation: string;
  readonly filePath: string;
  readonly line?: number | undefined;
  readonly character?: number | undefined;
  readonly query?: string | undefined;
}

const MAX_LINES = 200;
const DIAGNOSTICS_MS = 20_000;

/** The one tool of all language servers; name, text and schema stand in the manifest too. */
export function lspTool(
  { description, inputSchema }: { readonly description: string; readonly inputSchema: JsonSchema },
  pool: () => Promise<ServerPool>,
): Tool {
  return defineTool<LspInput>({
    name: "LSP",
    description,
    inputSchema,
    readOnly: true,
    pathFields: ["filePath"],
    run: async (input, { directory, signal }) => {
      const file = resolve(directory, input.filePath);
      const server = await (await pool()).serverFor(file);
      const uri = await server.show(file);
      const lines = await answer(server, uri, input, signal);
      if (lines.length === 0) return "nothing found";
      const more = lines.length - MAX_LINES;
      return [...lines.slice(0, MAX_LINES), ...(more > 0 ? [`${String(more)} more`] : [])].join("\n");
    },
  });
}

async function answer(
  server: LanguageServer,
  uri: string,
  input: LspInput,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const textDocument = { uri };
  switch (input.operation) {
    case "goToDefinition":
      return places(await server.request("textDocument/definition", { textDocument, ...position(input) }, signal));
    case "goToImplementation":
      return places(await server.request("textDocument/implementation", { textDocument, ...position(input) }, signal));
    case "findReferences": {
      const context = { includeDeclaration: true };
      return places(
        await server.request("textDocument/references", { textDocument, context, ...position(input) }, signal),
      );
    }
    case "hover":
      return hoverLines(await server.request("textDocument/hover", { textDocument, ...position(input) }, signal));
    case "documentSymbol":
      return symbolLines(await server.request("textDocument/documentSymbol", { textDocument }, signal), uri);
    case "workspaceSymbol":
      return symbolLines(await server.request("workspace/symbol", { query: input.query ?? "" }, signal), uri);
    default: {
      const found = await server.diagnostics(uri, DIAGNOSTICS_MS, signal);
      if (found === undefined) throw new Error("the language server said nothing in time");
      return diagnosticLines(fileURLToPath(uri), found);
    }
  }
}

function position({ operation, line, character }: LspInput) {
  if (line === undefined || character === undefined) {
    throw new Error(`\`${operation}\` needs \`line\` and \`character\` of the symbol`);
  }
  return { position: { line: line - 1, character: character - 1 } };
}

type Places = Location | readonly (Location | LocationLink)[] | null;

function places(result: Places): readonly string[] {
  const all = result === null ? [] : Array.isArray(result) ? result : [result];
  return all.map((one: Location | LocationLink) =>
    "targetUri" in one ? placeText(one.targetUri, one.targetSelectionRange) : placeText(one.uri, one.range),
  );
}

function placeText(uri: string, { start }: Location["range"]): string {
  const file = uri.startsWith("file:") ? fileURLToPath(uri) : uri;
  return `${file}:${String(start.line + 1)}:${String(start.character + 1)}`;
}

function hoverLines(hover: Hover | null): readonly string[] {
  if (hover === null) return [];
  const parts = Array.isArray(hover.contents) ? hover.contents : [hover.contents];
  return parts.flatMap((part) => (typeof part === "string" ? part : part.value).split("\n"));
}

function symbolLines(
  result: readonly (DocumentSymbol | SymbolInformation)[] | null,
  uri: string,
  depth = 0,
): readonly string[] {
  return (result ?? []).flatMap((symbol) => {
    const indent = "  ".repeat(depth);
    if ("location" in symbol) {
      return [`${indent}${symbol.name} ${placeText(symbol.location.uri, symbol.location.range)}`];
    }
    const own = `${indent}${symbol.name} ${placeText(uri, symbol.selectionRange)}`;
    return [own, ...symbolLines(symbol.children ?? [], uri, depth + 1)];
  });
}
