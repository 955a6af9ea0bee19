import type { TreeMember } from "../../schemas/tree-digest.ts";

/** One file, or link, that two trees do not have alike. */
export interface FileChange {
  readonly change: "added" | "removed" | "changed";
  readonly path: string;
}

/** What differs between two trees, by path. */
export function fileChanges(before: readonly TreeMember[], after: readonly TreeMember[]): readonly FileChange[] {
  const old = new Map(before.map((member) => [member.path, contentOf(member)]));
  const next = new Map(after.map((member) => [member.path, contentOf(member)]));
  return [...new Set([...old.keys(), ...next.keys()])].sort().flatMap((path): readonly FileChange[] => {
    if (old.get(path) === next.get(path)) return [];
    return [{ path, change: !old.has(path) ? "added" : next.has(path) ? "changed" : "removed" }];
  });
}

function contentOf(member: TreeMember): string {
  return member.kind === "link" ? `link ${member.target}` : `${member.executable ? "755" : "644"} ${member.sha256}`;
}
