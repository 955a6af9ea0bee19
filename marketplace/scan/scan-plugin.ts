import { isProgramFile } from "../../schemas/closure.ts";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { executables } from "../../schemas/formats/index.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import { scanText } from "./scan-text.ts";

/** Bytes of one file that are looked at; what a person would call a text is shorter. */
const MAX_BYTES = 1024 * 1024;
/** Findings of one plugin; more would hide the first. */
const MAX_FINDINGS = 100;
const ORDER = ["error", "warning", "info", "advice"];

/**
 * Looks through every text of a plugin and every command that the host would start for it, gravest first. Nothing is run and nobody
 * is asked: what it finds is for people to judge, and that it finds nothing proves nothing.
 */
export function scanPlugin(
  manifest: PluginManifest,
  members: readonly TreeMember[],
  tree: FileTree,
): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const { kind, name, display } of executables(manifest)) {
    if (kind !== "injection") found.push(...scanText(display, "command", `${kind} ${name}`).map(withoutPlace));
  }
  for (const member of members) {
    const text = member.kind === "link" ? undefined : textOf(tree, member.path);
    if (text !== undefined) found.push(...scanText(text, isProgramFile(member) ? "program" : "document", member.path));
  }
  const sorted = found.toSorted((left, right) => ORDER.indexOf(left.severity) - ORDER.indexOf(right.severity));
  return sorted.slice(0, MAX_FINDINGS);
}

/** A command has no file of its own. */
function withoutPlace({ code, severity, message }: Diagnostic): Diagnostic {
  return { code, severity, message };
}

/** `undefined` for what is no text. */
function textOf(tree: FileTree, path: string): string | undefined {
  const node = tree.stat(path);
  if (node?.kind !== "file") return undefined;
  const bytes = tree.read(path)?.subarray(0, MAX_BYTES);
  if (bytes === undefined || bytes.subarray(0, 8000).includes(0)) return undefined;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
