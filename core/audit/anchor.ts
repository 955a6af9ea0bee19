import type { ReadLine } from "./record-line.ts";

/** Action of the record that names the newest record of every segment that grew since the anchor before it. */
export const ANCHOR_ACTION = "anchor";

/** A record that something outside its segment names. */
export interface Anchored {
  readonly hash: string;
  /** Absent in what versions before 0.2 wrote. */
  readonly segment?: string | undefined;
}

/** What an anchor record says. */
export interface AnchorDetail {
  /** As the generation before names its anchor. */
  readonly previous: readonly string[];
  /** Hash of the newest record, by segment. */
  readonly heads: Readonly<Record<string, string>>;
  /** Segments that may still grow: the next anchor names them again. */
  readonly open: readonly string[];
  /** The last segment by name at that time: the next anchor names those after it. */
  readonly newest: string;
}

/** An anchor as a generation holds it. */
export function anchorText({ hash, segment }: Anchored): string {
  return segment === undefined ? hash : `${hash} ${segment}`;
}

/** Reads what `anchorText` writes. */
export function readAnchor(text: string): Anchored {
  const [hash = "", segment] = text.split(" ", 2);
  return { hash, segment };
}

/** What an anchor record says; `undefined` for another record, and for one that says something else. */
export function anchorDetail({ action, detail }: Pick<ReadLine, "action" | "detail">): AnchorDetail | undefined {
  if (action !== ANCHOR_ACTION || detail === undefined) return undefined;
  const { previous, heads, open, newest } = detail;
  if (!isTexts(previous) || !isTexts(open) || typeof newest !== "string") return undefined;
  if (typeof heads !== "object" || heads === null) return undefined;
  const named = Object.entries(heads).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return { previous, heads: Object.fromEntries(named), open, newest };
}

/** Everything that an anchor record names. */
export function namedBy({ previous, heads }: AnchorDetail): readonly Anchored[] {
  return [...previous.map(readAnchor), ...Object.entries(heads).map(([segment, hash]) => ({ segment, hash }))];
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
