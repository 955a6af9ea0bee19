import { readFrontMatter } from "../../frontmatter.ts";
import type { FrontMatter } from "../../frontmatter.ts";
import { readFields } from "../../frontmatter-fields.ts";
import type { FieldTable } from "../../frontmatter-fields.ts";
import type { ReadContext } from "../read-context.ts";

/** A markdown component as read. */
export interface ComponentDocument {
  readonly matter: FrontMatter;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Largest component document that is read (attacks.md §0). */
const MAX_DOCUMENT_BYTES = 1_048_576;

/** Longest description that is kept; listings cut further. */
const MAX_DESCRIPTION_LENGTH = 8192;

const HIDDEN =
  /(?<!\u{1F3F4}[\u{E0061}-\u{E007F}]{0,7})[\u{E0000}-\u{E007F}]|[\u202A-\u202E\u2066-\u2069]|[\u200B-\u200D\u2060\uFEFF]{2,}/u;
const HIDDEN_ALL = /[\u{E0000}-\u{E007F}\u202A-\u202E\u2066-\u2069\u200B\u200E\u200F\u2060\uFEFF]/gu;
const CONTROL_ALL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
const MAYBE_HIDDEN = /[\u200B-\u200D\u202A-\u202E\u2060\u2066-\u2069\uFEFF\uDB40]/;
const TEXT = new TextDecoder("utf-8");

/** Reads a markdown component; `undefined` after a finding when it is missing or must not be interpreted. */
export function readDocument(
  context: ReadContext,
  file: string,
  table: FieldTable,
  kind: string,
): ComponentDocument | undefined {
  let bytes: Uint8Array | undefined;
  try {
    bytes = context.tree.read(file, MAX_DOCUMENT_BYTES);
  } catch (problem) {
    context.findings.caught(problem, file, kind);
    return undefined;
  }
  return bytes && parseDocument(context, TEXT.decode(bytes), file, table, kind);
}

/** The same for text that stands elsewhere, e.g. inline in a manifest. */
export function parseDocument(
  context: ReadContext,
  text: string,
  file: string,
  table: FieldTable,
  kind: string,
): ComponentDocument | undefined {
  const { findings } = context;
  const matter = readFrontMatter(text, { file, known: table.keys });
  if (matter.refusal !== undefined) {
    findings.include(matter.diagnostics, kind);
    return undefined;
  }
  const { fields, diagnostics } = readFields(matter, table, file);
  findings.include(diagnostics);
  if (MAYBE_HIDDEN.test(text) && HIDDEN.test(text)) reportHidden(context, text, file);
  if (text.includes("\uFFFD")) {
    findings.warn(
      "W_ENCODING",
      "the file is not valid UTF-8; what could not be read was replaced",
      { file },
      { hint: "save the file as UTF-8" },
    );
  }
  return { matter, fields };
}

/** The description of a component: the field, else the first line of the text, without characters nobody can see. */
export function descriptionOf(context: ReadContext, document: ComponentDocument, file: string, fallback = ""): string {
  const written = document.fields["description"];
  const given = typeof written === "string" && written.trim() !== "";
  const text = visible(given ? written : firstLine(document.matter.body)).trim();
  if (!given) {
    context.findings.warn(
      "W_DESCRIPTION_MISSING",
      "there is no `description`; the first line of the text stands in",
      { file },
      { hint: "add a `description` field" },
    );
  }
  if (text.length <= MAX_DESCRIPTION_LENGTH) return text === "" ? fallback : text;
  context.findings.warn(
    "W_DESCRIPTION_LONG",
    `the description has ${text.length} characters; only ${MAX_DESCRIPTION_LENGTH} are used`,
    { file, ...document.matter.locate("description") },
    { hint: "move details into the text" },
  );
  return text.slice(0, MAX_DESCRIPTION_LENGTH).toWellFormed();
}

/** Text without control, bidirectional, tag and lone zero-width characters. */
function visible(text: string): string {
  return text.replace(HIDDEN_ALL, "").replace(CONTROL_ALL, " ");
}

const INJECTED = /(?:^|\s)!`([^`]+)`/g;
/** Wherever a line opens it: indented in a list, quoted, or inside another fence. */
const INJECTED_FENCE = /```![^\S\n]*\n?([^]*?)(?:```|$)/g;

/** The shell commands a text runs when it is invoked, in order of their kind (formats.md §4.6). */
export function injectionsOf(body: string): readonly string[] {
  if (!body.includes("!")) return [];
  const found = [...body.matchAll(INJECTED), ...(body.includes("```!") ? body.matchAll(INJECTED_FENCE) : [])];
  return found.map((match) => withoutQuoteMarks(match[1] ?? "")).filter((command) => command !== "");
}

/** The lines of a command without the marks of the quotation or the last, empty one before a closing fence. */
function withoutQuoteMarks(text: string): string {
  return text
    .replace(/\n[ \t>]*$/, "")
    .replace(/^[ \t]*>[ \t>]*/gm, "")
    .trim();
}

function firstLine(body: string): string {
  const line = /^[ \t]*(\S[^\n]*)$/m.exec(body)?.[1] ?? "";
  return line.replace(/^#+\s*/, "").trim();
}

function reportHidden(context: ReadContext, text: string, file: string): void {
  const at = text.search(HIDDEN);
  const before = text.slice(0, at);
  const line = before.split("\n").length;
  const column = at - before.lastIndexOf("\n");
  context.findings.warn(
    "W_HIDDEN_TEXT",
    "the text holds characters that a person cannot see",
    { file, line, column },
    { hint: "look at the bytes there before trusting the file" },
  );
}
