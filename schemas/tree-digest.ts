import { createHash } from "node:crypto";
import type { FileOpening } from "./file-opening.ts";
import type { Digest } from "./lockfile.ts";

/** One member of a tree; directories are implied by paths. */
export type TreeMember =
  | {
      readonly kind: "file";
      /** POSIX, relative to the root of the tree. */
      readonly path: string;
      readonly executable: boolean;
      readonly bytes: number;
      /** 64 lower-case hex digits of the content. */
      readonly sha256: string;
      /** What its first bytes say it is; follows from the content, so digests leave it out. */
      readonly opening?: FileOpening | undefined;
    }
  | { readonly kind: "link"; readonly path: string; readonly target: string };

/**
 * Digest of a tree's content: paths in code unit order, executable bits, sizes, contents and link targets; nothing else, so it
 * is the same on every operating system. Each field is framed by its length, so no two trees share a text.
 */
export function treeDigest(members: readonly TreeMember[]): Digest {
  return digestOf(membersText("plugsmith tree 1", members));
}

/** Digest of a text or of bytes. */
export function digestOf(content: string | Uint8Array): Digest {
  return digestOfParts([content]);
}

/** Digest of what the parts are together. */
export function digestOfParts(parts: Iterable<string | Uint8Array>): Digest {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return `sha256-${hash.digest("hex")}`;
}

/** The framed text that digests are made of; `title` keeps digests of different purposes apart. */
export function membersText(title: string, members: readonly TreeMember[]): string {
  const lines = members
    .toSorted((left, right) => (left.path < right.path ? -1 : left.path > right.path ? 1 : 0))
    .map((member) =>
      member.kind === "file"
        ? `f ${member.executable ? "755" : "644"} ${member.bytes} ${member.sha256} ${framed(member.path)}`
        : `l ${framed(member.path)} ${framed(member.target)}`,
    );
  return `${title}\n${lines.join("\n")}\n`;
}

/** A text preceded by its length in UTF-16 units. */
export function framed(text: string): string {
  return `${text.length}:${text}`;
}
