/** A part of a text: words for the model, or a command whose output stands in its place. */
export interface Segment {
  readonly kind: "text" | "command";
  readonly text: string;
}

const INLINE = /(?<=^|\s)!`([^`]+)`/gu;
const FENCE = /```![^\S\n]*\n?([^]*?)(?:```|$)/gu;

/**
 * Cuts a body at the commands it brings along: `` !`command` `` at its start or after a blank, and blocks that ```` ```! ```` opens.
 * These are the commands that consent shows (`injections` of a contribution); nothing that is filled in later makes another one.
 */
export function segmentsOf(body: string): readonly Segment[] {
  if (!body.includes("!`") && !body.includes("```!")) return [{ kind: "text", text: body }];
  const matches = [...body.matchAll(FENCE), ...body.matchAll(INLINE)].toSorted(
    (left, right) => left.index - right.index,
  );
  const segments: Segment[] = [];
  let at = 0;
  for (const match of matches) {
    // An inline command within a block is part of the block.
    if (match.index < at) continue;
    segments.push({ kind: "text", text: body.slice(at, match.index) });
    at = match.index + match[0].length;
    const command = withoutQuoteMarks(match[1] ?? "");
    if (command !== "") segments.push({ kind: "command", text: command });
  }
  return [...segments, { kind: "text", text: body.slice(at) }];
}

function withoutQuoteMarks(text: string): string {
  return text
    .replace(/\n[ \t>]*$/u, "")
    .replaceAll(/^[ \t]*>[ \t>]*/gmu, "")
    .trim();
}
