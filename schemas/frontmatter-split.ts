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
      /** Whether the closing dashes share their line with something else. */
      readonly looselyClosed: boolean;
    };

const FIELDS = /^[A-Za-z][A-Za-z0-9_-]*[ \t]*:/m;
const LANGUAGE = /^[a-z][a-z0-9+#._/-]{0,63}$/i;

/** A line that begins with dashes further in. */
const INDENTED_CLOSE = /\n[ \t]+---/;

/**
 * Cuts a document in one pass: the first line must be `---` (or `---language`), the block ends at the first later line that
 * is `---` and blanks, or after a field begins with `---` and goes on (no YAML does), or else is indented dashes; one byte
 * order mark and CRLF are tolerated. Without a closing line there is no front matter.
 */
export function splitFrontMatter(document: string): FrontMatterSplit {
  const text = document.charCodeAt(0) === 0xfeff ? document.slice(1) : document;
  if (!text.startsWith("---")) return { present: false, body: text, bodyLine: 1, unclosed: false };
  const firstEnd = text.indexOf("\n");
  const rest = (firstEnd === -1 ? text : text.slice(0, firstEnd)).slice(3).trim();
  if (rest !== "" && !LANGUAGE.test(rest)) return { present: false, body: text, bodyLine: 1, unclosed: false };
  if (firstEnd === -1) return { present: false, body: text, bodyLine: 1, unclosed: true };
  let firstField: number | undefined;
  for (let at = text.indexOf("\n---", firstEnd); at !== -1; at = text.indexOf("\n---", at + 4)) {
    const lineEnd = text.indexOf("\n", at + 4);
    const after = at + 4 === text.length ? "" : text.slice(at + 4, lineEnd === -1 ? text.length : lineEnd);
    const raw = at === firstEnd ? "" : text.slice(firstEnd + 1, at + 1);
    if (isBlank(after)) {
      const body = lineEnd === -1 ? "" : text.slice(lineEnd + 1);
      return present(rest, raw, { body, bodyLine: countLines(raw) + 3, looselyClosed: false });
    }
    firstField ??= firstEnd + (FIELDS.exec(text.slice(firstEnd))?.index ?? text.length);
    if (firstField < at) return present(rest, raw, afterLoose(text, at, raw));
  }
  // Only among lines that could still be fields: dashes far below draw a line in the text.
  const loose = INDENTED_CLOSE.exec(text.slice(firstEnd, firstEnd + FRONT_MATTER_LIMITS.maxBytes));
  const raw = loose === null ? "" : text.slice(firstEnd + 1, firstEnd + loose.index + 1);
  return FIELDS.test(raw)
    ? present(rest, raw, afterLoose(text, firstEnd + (loose?.index ?? 0), raw))
    : { present: false, body: text, bodyLine: 1, unclosed: true };
}

type Present = Extract<FrontMatterSplit, { present: true }>;

function present(
  rest: string,
  raw: string,
  end: Pick<Present, "body" | "bodyLine" | "looselyClosed">,
): FrontMatterSplit {
  const block = raw.includes("\r") ? raw.replaceAll("\r\n", "\n") : raw;
  return { present: true, language: rest.toLowerCase(), block, ...end };
}

/** What follows closing dashes on their own line belongs to the body. */
function afterLoose(text: string, at: number, raw: string): Pick<Present, "body" | "bodyLine" | "looselyClosed"> {
  const dashes = /^\n[ \t]*-+[ \t\r]*(\n?)/.exec(text.slice(at));
  const body = text.slice(at + (dashes?.[0].length ?? 0));
  return { body, bodyLine: countLines(raw) + (dashes?.[1] === "\n" ? 3 : 2), looselyClosed: true };
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
