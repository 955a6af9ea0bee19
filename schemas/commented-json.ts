import { applyEdits, modify } from "jsonc-parser";
import type { JsonEdit } from "./plain-json.ts";

/** Applies changes to a JSON text that may hold comments, in place: everything else stays as it was written. */
export function editCommentedJson(text: string, edits: readonly JsonEdit[]): string {
  const bom = text.startsWith("\uFEFF") ? "\uFEFF" : "";
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  let current = text.slice(bom.length);
  for (const { path, value } of edits) {
    const formattingOptions = { ...indentation(current), eol };
    current = applyEdits(current, modify(current, [...path], value, { formattingOptions }));
  }
  return bom + current;
}

function indentation(text: string): { readonly tabSize: number; readonly insertSpaces: boolean } {
  const lead = /^\s*\{\s*?\r?\n([ \t]+)/.exec(text)?.[1] ?? "  ";
  return { tabSize: lead.startsWith("\t") ? 1 : lead.length, insertSpaces: !lead.startsWith("\t") };
}
