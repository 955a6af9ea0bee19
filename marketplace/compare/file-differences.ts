import { isProgramFile } from "../../schemas/closure.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import type { FileDifference } from "./difference.ts";
import { lineCounts } from "./text-lines.ts";

/** The content of a file that is text and not too long. */
export type TextOf = (path: string) => string | undefined;

/** Looks up texts where there are none: for a side that does not exist, or whose bytes are not known any more. */
export const NO_TEXTS: TextOf = () => undefined;

/** What differs between two trees, sorted by path. */
export function fileDifferences(
  before: readonly TreeMember[],
  after: readonly TreeMember[],
  texts: { readonly before: TextOf; readonly after: TextOf },
): readonly FileDifference[] {
  const old = new Map(before.map((member) => [member.path, member]));
  const next = new Map(after.map((member) => [member.path, member]));
  return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((path): readonly FileDifference[] => {
    const [was, is] = [old.get(path), next.get(path)];
    if (contentOf(was) === contentOf(is)) return [];
    const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    const shown = is ?? was;
    const lines = lineCounts(was && (texts.before(path) ?? null), is && (texts.after(path) ?? null));
    return [
      {
        change,
        path,
        ...(shown !== undefined && isProgramFile(shown) ? { program: true } : {}),
        ...(lines === undefined ? {} : { lines }),
      },
    ];
  });
}

function contentOf(member: TreeMember | undefined): string {
  if (member === undefined) return "";
  return member.kind === "link" ? `link ${member.target}` : `${member.executable ? "755" : "644"} ${member.sha256}`;
}
