import { formatPatch, structuredPatch, type StructuredPatch } from "diff";
import type { FileDifference, LineCounts } from "./difference.ts";

/**
 * How two texts of one file differ; `undefined` stands for a file that is not there, `null` for one that is no text. Nothing when
 * either is no text or the two are too far from each other to say.
 */
export function lineCounts(
  before: string | null | undefined,
  after: string | null | undefined,
): LineCounts | undefined {
  if (before === null || after === null || (before === undefined && after === undefined)) return undefined;
  if (before === undefined) return { added: countLines(after ?? ""), removed: 0 };
  if (after === undefined) return { added: 0, removed: countLines(before) };
  const lines = textPatch("", before, after, 0)?.hunks.flatMap((hunk) => hunk.lines);
  if (lines === undefined) return undefined;
  return {
    added: lines.filter((line) => line.startsWith("+")).length,
    removed: lines.filter((line) => line.startsWith("-")).length,
  };
}

/** The hunks that lead from one text to another; `undefined` when either is very long or they have too little in common. */
export function textPatch(path: string, before: string, after: string, context: number): StructuredPatch | undefined {
  // A text of more lines than this, or farther from the other one, would take too long.
  const [maxLines, maxEditLength] = [4_000, 1_000];
  if ([before, after].some((text) => text.split("\n", maxLines + 1).length > maxLines)) return undefined;
  return structuredPatch(`a/${path}`, `b/${path}`, before, after, "", "", { context, maxEditLength });
}

/** The unified text of one file's change, without its line end; an absent side is `undefined`. */
export function unifiedText(path: string, before: string | undefined, after: string | undefined): string | undefined {
  const patch = textPatch(path, before ?? "", after ?? "", 3);
  if (patch === undefined) return undefined;
  const [oldFileName, newFileName] = [
    before === undefined ? "/dev/null" : `a/${path}`,
    after === undefined ? "/dev/null" : `b/${path}`,
  ];
  const text = formatPatch({ ...patch, oldFileName, newFileName });
  return text.replace(/^=+\n/u, "").trimEnd();
}

/** The unified text of a file that differs, under a name; `undefined` where its lines could not be compared. */
export function filePatch(
  name: string,
  { change, path, lines }: FileDifference,
  before: (path: string) => string | undefined,
  after: (path: string) => string | undefined,
): string | undefined {
  if (lines === undefined) return undefined;
  return unifiedText(
    name,
    change === "added" ? undefined : before(path),
    change === "removed" ? undefined : after(path),
  );
}

function countLines(text: string): number {
  const lines = text.split("\n").length;
  return text === "" || text.endsWith("\n") ? lines - 1 : lines;
}
