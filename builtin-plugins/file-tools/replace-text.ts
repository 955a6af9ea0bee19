import { withLineEnds, type TextFile } from "./text-file.ts";

const MAX_PLACES = 5;

/** Replaces a text that occurs once, or everywhere. Throws with where it occurs, or nearly does. */
export function replaceText(
  path: string,
  { text, lineEnd }: TextFile,
  old: string,
  next: string,
  all: boolean,
): { readonly after: string; readonly count: number } {
  const written = spellings(text, old, next, lineEnd).find((spelling) => text.includes(spelling.old));
  if (written === undefined) throw new Error(`\`old_string\` does not occur in \`${path}\`${nearly(text, old)}`);
  const parts = text.split(written.old);
  const count = parts.length - 1;
  if (count > 1 && !all) {
    throw new Error(
      `\`old_string\` occurs ${String(count)} times in \`${path}\`, at ${places(parts, written.old)}; add lines around the one you mean, or set \`replace_all\``,
    );
  }
  return { after: parts.join(written.next), count };
}

/** Models write `\n`; a file may have `\r\n`, in all lines or in some. */
function spellings(
  text: string,
  old: string,
  next: string,
  lineEnd: TextFile["lineEnd"],
): readonly { readonly old: string; readonly next: string }[] {
  const windows = { old: withLineEnds(old, "crlf"), next: withLineEnds(next, "crlf") };
  if (lineEnd === "crlf") return [windows];
  const plain = { old, next };
  return old.includes("\n") && text.includes("\r\n") ? [plain, windows] : [plain];
}

function places(parts: readonly string[], old: string): string {
  const lines: number[] = [];
  let line = 1;
  for (const part of parts.slice(0, -1)) {
    line += lineEnds(part);
    lines.push(line);
    line += lineEnds(old);
  }
  const more = lines.length > MAX_PLACES ? " …" : "";
  return `line ${lines.slice(0, MAX_PLACES).join(", ")}${more}`;
}

function lineEnds(text: string): number {
  return text.split("\n").length - 1;
}

/** Where the first line of a text that was not found stands, white space aside. */
function nearly(text: string, old: string): string {
  const squeeze = (line: string): string => line.replaceAll(/\s+/gu, " ").trim();
  const wanted = squeeze(old.split("\n").find((line) => line.trim() !== "") ?? "");
  if (wanted === "") return "";
  const found = text.split("\n").flatMap((line, index) => (squeeze(line) === wanted ? [index + 1] : []));
  if (found.length === 0) return "; read the file again and copy the text exactly";
  const more = found.length > MAX_PLACES ? " …" : "";
  return `; a line like its first one is at line ${found.slice(0, MAX_PLACES).join(", ")}${more}: compare white space and the lines after it`;
}
