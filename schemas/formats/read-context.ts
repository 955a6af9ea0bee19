import type { CatalogEntry, Provenance, UserOption } from "../plugin-manifest.ts";
import type { FileTree, TreeNode } from "./file-tree.ts";
import type { Findings } from "./findings.ts";
import { escapeControl } from "../names.ts";
import { parseTreePath } from "../tree-path.ts";
import { linkReason } from "./tree-path.ts";

/** How a tree is to be read as a plugin. */
export interface ReadPluginOptions {
  /** The catalog entry that lists the plugin; it stands in for, or adds to, the manifest file (formats.md §2.5). */
  readonly entry?: CatalogEntry | undefined;
  /** The entry's source is the marketplace root, where a `skills` list replaces the default folder. */
  readonly rootIsMarketplace?: boolean | undefined;
  /** The name when neither manifest nor entry gives one, e.g. of a loose folder. */
  readonly fallbackName?: string | undefined;
  /** A dropped component makes the whole plugin unusable. */
  readonly strict?: boolean | undefined;
}

/** What every component reader gets. */
export interface ReadContext {
  readonly tree: FileTree;
  readonly findings: Findings;
  /** The plugin's namespace. */
  readonly plugin: string;
  /** Takes the options of servers that came in bundles, by `<server>.<key>`; where it is absent nobody is asked for any. */
  readonly bundleOptions?: Map<string, UserOption>;
}

/** A path that a reader is asked to read; `declared` is absent for a default location. */
export interface PathRequest {
  readonly path: string;
  readonly declared?: { readonly text: string; readonly where: Provenance } | undefined;
}

/** Checks a declared path by form; `undefined` after a finding. */
export function requestPath(
  context: ReadContext,
  text: string,
  where: Provenance,
  kind: string,
): PathRequest | undefined {
  const parsed = parseTreePath(text);
  const shown = escapeControl(text.slice(0, 200));
  if ("path" in parsed) {
    if (!text.startsWith("./") && (text !== "." || kind !== "skill")) {
      const message = `${kind} path \`${shown}\` does not start with \`./\``;
      context.findings.warn("W_PATH_PREFIX", message, where, { hint: `write \`./${parsed.path}\`` });
    }
    return { path: parsed.path, declared: { text: shown, where } };
  }
  const { code, why } = parsed.problem;
  context.findings.error(code, `${kind} path \`${shown}\` ${why}`, where, {
    hint: "write a path inside the plugin that starts with `./`",
    dropped: kind,
  });
  return undefined;
}

/** The same for a path that must name a JSON file (formats.md §1.2). */
export function requestJson(
  context: ReadContext,
  text: string,
  where: Provenance,
  kind: string,
): PathRequest | undefined {
  const request = requestPath(context, text, where, kind);
  if (request === undefined || request.path.endsWith(".json")) return request;
  context.findings.error(
    "E_SCHEMA",
    `${kind} path \`${escapeControl(text.slice(0, 200))}\` does not end in \`.json\``,
    where,
    {
      hint: "name a JSON file",
      dropped: kind,
    },
  );
  return undefined;
}

/** The node of a request; reports a declared path that is missing, and any link that must not be followed. */
export function nodeOf(
  context: ReadContext,
  request: PathRequest,
  kind: string,
): Exclude<TreeNode, { kind: "refused-link" }> | undefined {
  const node = context.tree.stat(request.path);
  if (node?.kind === "refused-link") {
    reportLink(context, node, kind, request.declared?.where);
    return undefined;
  }
  if (node === undefined && request.declared !== undefined) {
    const { text, where } = request.declared;
    context.findings.error("E_NOT_FOUND", `${kind} path \`${text}\` not found`, where, {
      hint: "create it or remove the path",
      dropped: kind,
    });
  }
  return node;
}

/** The node of a request for a file; reports what is something else, also in a default place. */
export function fileOf(
  context: ReadContext,
  request: PathRequest,
  kind: string,
): Extract<TreeNode, { kind: "file" }> | undefined {
  const node = nodeOf(context, request, kind);
  if (node === undefined || node.kind === "file") return node;
  const message = `${kind} path \`${request.declared?.text ?? request.path}\` is not a file`;
  context.findings.error("E_SCHEMA", message, request.declared?.where ?? { file: request.path }, {
    hint: "put a file there or name another one",
    dropped: kind,
  });
  return undefined;
}

/** Reports a link that was not followed (attacks.md rule 6). */
export function reportLink(
  context: ReadContext,
  node: Extract<TreeNode, { kind: "refused-link" }>,
  kind: string,
  where?: Provenance,
): void {
  context.findings.warn(
    "E_PATH_ESCAPE",
    `\`${node.path}\` ${linkReason(node)}; it was not followed`,
    where ?? { file: node.path, line: 1, column: 1 },
    {
      hint: "replace the link by the file it should stand for",
      dropped: kind,
    },
  );
}
