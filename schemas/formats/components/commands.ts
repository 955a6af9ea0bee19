import { COMMAND_FIELDS } from "../../command.ts";
import type { CommandContribution } from "../../plugin-manifest.ts";
import { commandMapShape } from "../../shapes.ts";
import { locatedAt } from "../json-file.ts";
import { isRecord } from "../../record.ts";
import type { Located } from "../json-file.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { fileOf, nodeOf, requestPath } from "../read-context.ts";
import { checkShape } from "../shape-check.ts";
import { baseName } from "../tree-path.ts";
import type { ComponentDocument } from "./document.ts";
import { descriptionOf, injectionsOf, parseDocument, readDocument } from "./document.ts";
import { markdownFiles } from "./markdown-files.ts";

/** Reads commands from files and folders; folders between give `a:b` names. */
export function readCommands(context: ReadContext, requests: readonly PathRequest[]): readonly CommandContribution[] {
  const commands: CommandContribution[] = [];
  const seen = new Set<string>();
  const add = (file: string, name: string): void => {
    const real = context.tree.stat(file)?.path ?? file;
    if (seen.has(real)) return;
    seen.add(real);
    const command = readCommand(context, file, name);
    if (command !== undefined) commands.push(command);
  };
  for (const request of requests) {
    const node = nodeOf(context, request, "command");
    if (node === undefined) continue;
    if (node.kind === "directory") {
      for (const { file, segments } of markdownFiles(context, request.path, "command")) add(file, segments.join(":"));
    } else if (request.path.endsWith(".md")) add(request.path, baseName(request.path).slice(0, -3));
    else if (request.declared !== undefined) {
      const { text, where } = request.declared;
      context.findings.error("E_SCHEMA", `command path \`${text}\` is neither a folder nor a \`.md\` file`, where, {
        hint: "name a `.md` file",
        dropped: "command",
      });
    }
  }
  return commands;
}

/** Reads one command file. */
export function readCommand(context: ReadContext, file: string, name: string): CommandContribution | undefined {
  const document = readDocument(context, file, COMMAND_FIELDS, "command");
  return document && { ...contribution(context, document, name, file), file };
}

/** Reads commands in map form (formats.md §1.4). */
export function readCommandMap(context: ReadContext, map: Located): readonly CommandContribution[] {
  if (!isRecord(map.value)) return [];
  const commands: CommandContribution[] = [];
  for (const name of Object.keys(map.value)) {
    const located = locatedAt(map, [name]);
    const json = checkShape(commandMapShape, located, context.findings, {
      code: "E_SCHEMA",
      subject: `command \`${name}\``,
      dropped: "command",
    });
    if (json === undefined) continue;
    const given: Record<string, unknown> = {
      ...(json.description !== undefined && { description: json.description }),
      ...(json.argumentHint !== undefined && { argumentHint: json.argumentHint }),
      ...(json.model !== undefined && { model: json.model }),
      ...(json.allowedTools !== undefined && { allowedTools: json.allowedTools }),
    };
    const { file: manifest } = located.where();
    if (json.content !== undefined) {
      const document = parseDocument(context, json.content, manifest, COMMAND_FIELDS, "command");
      if (document === undefined) continue;
      const merged = { ...document, fields: { ...document.fields, ...given } };
      commands.push({ ...contribution(context, merged, name, manifest), content: document.matter.body });
      continue;
    }
    const request = requestPath(context, json.source ?? "", located.where(["source"]), "command");
    if (request === undefined || fileOf(context, request, "command") === undefined) continue;
    const document = readDocument(context, request.path, COMMAND_FIELDS, "command");
    if (document === undefined) continue;
    const merged = { ...document, fields: { ...document.fields, ...given } };
    commands.push({ ...contribution(context, merged, name, request.path), file: request.path });
  }
  return commands;
}

function contribution(
  context: ReadContext,
  document: ComponentDocument,
  name: string,
  file: string,
): CommandContribution {
  const injections = injectionsOf(document.matter.body);
  return {
    kind: "command",
    name,
    description: descriptionOf(context, document, file),
    fields: document.fields,
    ...(injections.length > 0 && { injections }),
  };
}
