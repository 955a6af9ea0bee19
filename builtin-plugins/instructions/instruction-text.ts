const FENCE = /^ {0,3}(?<mark>`{3,}|~{3,})/u;
const IMPORT = /(?<=^|\s)@(?<path>(?:~\/|\.{0,2}\/)?[\w.-][^\s`'"<>()[\]{},;]*)/gu;

/** What a text imports. */
export interface Imports {
  /** As written, in order. */
  readonly paths: readonly string[];
  /** Whether there is nothing else in the text. */
  readonly isAll: boolean;
}

/** The paths that a text imports as `@path`; nothing inside code. */
export function importsOf(text: string): Imports {
  const found = new Set<string>();
  let rest = "";
  for (const { line, isCode } of linesOf(text)) {
    if (isCode) {
      rest += line;
      continue;
    }
    const prose = line.replaceAll(/(?<ticks>`+)[^`]*\k<ticks>/gu, " ");
    for (const { groups } of prose.matchAll(IMPORT)) {
      const path = groups?.["path"]?.replace(/[.!?:]+$/u, "");
      // A name without a dot or slash is somebody's handle.
      if (path !== undefined && /[./]/u.test(path)) found.add(path);
    }
    rest += line.replaceAll(IMPORT, "");
  }
  return { paths: [...found], isAll: found.size > 0 && rest.trim() === "" };
}

/** Leaves out HTML comments that stand on lines of their own: they are for people. */
export function withoutComments(text: string): string {
  const kept: string[] = [];
  let isComment = false;
  for (const { line, isCode } of linesOf(text)) {
    if (isCode) {
      kept.push(line);
      continue;
    }
    if (!isComment && !line.trimStart().startsWith("<!--")) {
      kept.push(line);
      continue;
    }
    const end = line.indexOf("-->");
    isComment = end === -1;
    const rest = isComment ? "" : line.slice(end + 3);
    if (rest.trim() !== "") kept.push(rest);
  }
  return kept.join("\n");
}

function* linesOf(text: string): Generator<{ readonly line: string; readonly isCode: boolean }> {
  let fence: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const mark = FENCE.exec(line)?.groups?.["mark"];
    if (fence === undefined) {
      fence = mark;
      yield { line, isCode: mark !== undefined };
      continue;
    }
    yield { line, isCode: true };
    if (mark?.startsWith(fence) === true && line.trim() === mark) fence = undefined;
  }
}
