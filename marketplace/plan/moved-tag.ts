import type { LockedSource } from "../../schemas/lockfile.ts";

/** A tag that names another commit now than the one that was locked (attacks.md GT11). */
export interface MovedTag {
  readonly tag: string;
  readonly from: string;
  readonly to: string;
}

/** The tag that was moved between two sources of one plugin; `undefined` when none was. */
export function movedTag(locked: LockedSource | undefined, next: LockedSource): MovedTag | undefined {
  if (locked?.kind !== "git" || next.kind !== "git" || next.tag === undefined) return undefined;
  if (locked.tag !== next.tag || locked.url !== next.url || locked.commit === next.commit) return undefined;
  return { tag: next.tag, from: locked.commit, to: next.commit };
}

/** A moved tag in one clause. */
export function movedTagText({ tag, from, to }: MovedTag): string {
  return `the tag \`${tag}\` was moved: it named ${from.slice(0, 12)} when it was locked and names ${to.slice(0, 12)} now`;
}
