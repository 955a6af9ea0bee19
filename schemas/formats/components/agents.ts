import { AGENT_FIELDS, AGENT_FIELDS_NOT_IN_PLUGINS } from "../../agent.ts";
import { OUTPUT_STYLE_FIELDS } from "../../output-style.ts";
import type { AgentContribution, FileContribution } from "../../plugin-manifest.ts";
import type { PathRequest, ReadContext } from "../read-context.ts";
import { nodeOf } from "../read-context.ts";
import { baseName } from "../tree-path.ts";
import { descriptionOf, readDocument } from "./document.ts";
import { markdownFiles } from "./markdown-files.ts";

/** Reads agents: the default folder with its sub-folders as `a:b` names, declared files by their own name. */
export function readAgents(context: ReadContext, requests: readonly PathRequest[]): readonly AgentContribution[] {
  const agents: AgentContribution[] = [];
  const seen = new Set<string>();
  const add = (file: string, folders: readonly string[]): void => {
    const real = context.tree.stat(file)?.path ?? file;
    if (seen.has(real)) return;
    seen.add(real);
    const agent = readAgent(context, file, folders);
    if (agent !== undefined) agents.push(agent);
  };
  for (const request of requests) {
    const node = nodeOf(context, request, "agent");
    if (node === undefined) continue;
    if (request.declared === undefined) {
      if (node.kind === "directory")
        for (const { file, segments } of markdownFiles(context, request.path, "agent"))
          add(file, segments.slice(0, -1));
    } else if (node.kind === "file" && request.path.endsWith(".md")) add(request.path, []);
    else {
      const { text, where } = request.declared;
      context.findings.error("E_SCHEMA", `agent path \`${text}\` is not a \`.md\` file`, where, {
        hint: "name each agent file",
        dropped: "agent",
      });
    }
  }
  return agents;
}

/** Reads one agent file; fields that an agent of a plugin may not set are left out. */
export function readAgent(
  context: ReadContext,
  file: string,
  folders: readonly string[],
): AgentContribution | undefined {
  const document = readDocument(context, file, AGENT_FIELDS, "agent");
  if (document === undefined) return undefined;
  const fields = { ...document.fields };
  for (const key of AGENT_FIELDS_NOT_IN_PLUGINS) {
    if (!(key in fields)) continue;
    Reflect.deleteProperty(fields, key);
    context.findings.warn(
      "W_AGENT_FIELD",
      `\`${key}\` is ignored in an agent of a plugin`,
      { file, ...document.matter.locate(key) },
      { hint: "remove the field" },
    );
  }
  const written = fields["name"];
  const own = typeof written === "string" && written !== "" ? written : baseName(file).slice(0, -3);
  const name = [...folders, own].join(":");
  return {
    kind: "agent",
    name,
    file,
    description: descriptionOf(context, document, file, `Agent from ${context.plugin} plugin`),
    fields,
  };
}

/** Reads output styles from files and folders. */
export function readOutputStyles(context: ReadContext, requests: readonly PathRequest[]): readonly FileContribution[] {
  const styles: FileContribution[] = [];
  const seen = new Set<string>();
  for (const request of requests) {
    const node = nodeOf(context, request, "output-style");
    if (node === undefined) continue;
    const files =
      node.kind === "directory"
        ? markdownFiles(context, request.path, "output-style").map(({ file }) => file)
        : [request.path];
    for (const file of files) {
      if (seen.has(file)) continue;
      seen.add(file);
      const document = readDocument(context, file, OUTPUT_STYLE_FIELDS, "output-style");
      if (document === undefined) continue;
      const written = document.fields["name"];
      const name = typeof written === "string" && written !== "" ? written : baseName(file).replace(/\.md$/, "");
      styles.push({
        kind: "output-style",
        name,
        file,
        description: descriptionOf(context, document, file),
        fields: document.fields,
      });
    }
  }
  return styles;
}
