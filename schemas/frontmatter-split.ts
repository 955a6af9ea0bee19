/** Bounds of what a block may hold (attacks.md §0). */
export const FRONT_MATTER_LIMITS = {
  maxBytes: 65_536,
  maxDepth: 64,
  maxAliases: 100,
  maxBlankLines: 512,
  maxColons: 128,
} as const;

/** A document cut at its front matter fences. Lines count from 1. */
export type FrontMatterSplit =
  | { readonly present: false; readonly body: string; readonly bodyLine: 1; readonly unclosed: boolean }
  | {
      readonly present: true;
      /** What follows the opening `---` on its line, lower case; `""` when nothing does. */
      readonly language: string;
      /** The text between the fences with `\n` line ends; its first line is line 2 of the document. */
      readonly block: string;
      readonly body: string;
      readonly bodyLine: number;
    };

const LANGUAGE = /^[a-z][a-z0-9+#._/-]{0,63}$/i;

/**
 * Cuts a document in one pass: the first line must be `---` (or `---language`), the block ends at the first later line that
 * is `---` and blanks; one byte order mark and CRLF are tolerated. Without a closing line there is no front matter.
 */
export function splitFrontMatter(document: string): FrontMatterSplit {
  const text = document.charCodeAt(0) === 0xfeff ? document.slice(1) : document;
  if (!text.startsWith("---")) return { present: false, body: text, bodyLine: 1, unclosed: false };
  const firstEnd = text.indexOf("\n");
  const rest = (firstEnd === -1 ? text : text.slice(0, firstEnd)).slice(3).trim();
  if (rest !== "" && !LANGUAGE.test(rest)) return { present: false, body: text, bodyLine: 1, unclosed: false };
  if (firstEnd === -1) return { present: false, body: text, bodyLine: 1, unclosed: true };
  for (let at = text.indexOf("\n---", firstEnd); at !== -1; at = text.indexOf("\n---", at + 4)) {
    const lineEnd = text.indexOf("\n", at + 4);
    const after = at + 4 === text.length ? "" : text.slice(at + 4, lineEnd === -1 ? text.length : lineEnd);
    if (!isBlank(after)) continue;
    const raw = at === firstEnd ? "" : text.slice(firstEnd + 1, at + 1);
    const block = raw.includes("\r") ? raw.replaceAll("\r\n", "\n") : raw;
    const body = lineEnd === -1 ? "" : text.slice(lineEnd + 1);
    return { present: true, language: rest.toLowerCase(), block, body, bodyLine: countLines(raw) + 3 };
  }
  return { present: false, body: text, bodyLine: 1, unclosed: true };
}

function isBlank(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return false;
  }
  return true;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}
