import type { LspContribution } from "../../plugin-manifest.ts";
import { lspServerShape } from "../../shapes.ts";
import { Findings } from "../findings.ts";
import type { Located } from "../json-file.ts";
import { locatedAt, readJsonFile } from "../json-file.ts";
import { isRecord } from "../../record.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf, requestJson } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";

/** Reads LSP servers from the default file, then what is declared; a later server of the same name replaces an earlier one. */
export function readLspServers(
  context: ReadContext,
  defaultFile: string,
  declared: readonly Located[],
): readonly LspContribution[] {
  const servers = new Map<string, LspContribution>();
  const add = (list: readonly LspContribution[]): void => {
    for (const server of list) servers.set(server.name, server);
  };
  const addFile = (request: PathRequest): void => {
    if (fileOf(context, request, "lsp") === undefined) return;
    const document = readJsonFile(context.tree, request.path, context.findings, "lsp");
    if (document !== undefined) add(readLspDocument(context, document, "lsp"));
  };
  addFile({ path: defaultFile });
  for (const located of declared) {
    for (const part of Array.isArray(located.value)
      ? located.value.map((_, index) => locatedAt(located, [index]))
      : [located]) {
      if (typeof part.value !== "string") add(readLspDocument(context, part, "plugin"));
      else {
        const request = requestJson(context, part.value, part.where(), "lsp");
        if (request !== undefined) addFile(request);
      }
    }
  }
  return [...servers.values()];
}

/** Reads a map of servers; one bad server makes all of `dropped` unusable (formats.md §1.1, §7.2). */
export function readLspDocument(
  context: ReadContext,
  document: Located,
  dropped: "lsp" | "plugin",
): readonly LspContribution[] {
  if (!isRecord(document.value)) {
    context.findings.error("E_SCHEMA", "LSP servers are not a JSON object", document.where(), {
      hint: 'write `{"name": {"command": …}}`',
      dropped,
    });
    return [];
  }
  const names = Object.keys(document.value).filter((name) => !name.startsWith("$"));
  const problems = new Findings();
  const servers = names.flatMap((name) => {
    const located = locatedAt(document, [name]);
    const json = checkShape(lspServerShape, located, problems, {
      code: "E_SCHEMA",
      subject: `LSP server \`${name}\``,
      dropped,
    });
    if (json === undefined) return [];
    const { command, args, env, extensionToLanguage, ...options } = json;
    return [
      {
        kind: "lsp" as const,
        name,
        command,
        args: args ?? [],
        env: env ?? {},
        extensionToLanguage,
        options,
        where: located.where(),
      },
    ];
  });
  context.findings.include(problems.all());
  if (!problems.failed) return servers;
  if (servers.length > 0) {
    context.findings.error(
      "E_SCHEMA",
      `LSP servers ${servers.map(({ name }) => `\`${name}\``).join(", ")} were dropped because another one in the same place is not valid`,
      document.where(),
      {
        hint: "correct the other server",
        dropped,
      },
    );
  }
  return [];
}
