import { CodedError } from "../../schemas/errors.ts";

/** One name in a git tree. Modes other than these are as old as git itself and count as plain files. */
export interface GitTreeEntry {
  readonly name: string;
  readonly kind: "file" | "executable" | "link" | "directory" | "submodule";
  readonly oid: string;
}

/** What of a commit is needed. `time` is the committer's, in seconds since 1970. */
export interface GitCommit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly time: number;
}

const KINDS: Readonly<Record<string, GitTreeEntry["kind"]>> = {
  "40000": "directory",
  "040000": "directory",
  "100755": "executable",
  "120000": "link",
  "160000": "submodule",
};
const OID_BYTES = 20;
const SPACE = 0x20;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Parses a raw tree object. Throws `E_ARCHIVE_PATH` for names that are not UTF-8 or that no tree may hold. */
export function parseTree(bytes: Buffer): readonly GitTreeEntry[] {
  const entries: GitTreeEntry[] = [];
  let position = 0;
  while (position < bytes.length) {
    const space = bytes.indexOf(SPACE, position);
    const end = bytes.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + OID_BYTES > bytes.length) {
      throw new CodedError("E_GIT", "a tree object in the repository is damaged", {
        hint: "try again; when it stays, the repository itself is damaged",
      });
    }
    const mode = bytes.toString("latin1", position, space);
    const name = decodeName(bytes.subarray(space + 1, end));
    checkName(name);
    entries.push({ name, kind: KINDS[mode] ?? "file", oid: bytes.toString("hex", end + 1, end + 1 + OID_BYTES) });
    position = end + 1 + OID_BYTES;
  }
  return entries;
}

/** Parses a raw commit object. */
export function parseCommit(oid: string, bytes: Buffer): GitCommit {
  const text = bytes.toString("latin1");
  const tree = /^tree ([0-9a-f]{40})$/mu.exec(text)?.[1];
  const time = /^committer .*> (\d+) [+-]\d{4}$/mu.exec(text)?.[1];
  if (tree === undefined) throw new CodedError("E_GIT", `commit \`${oid}\` is damaged`);
  const head = text.slice(0, text.indexOf("\n\n"));
  const parents = [...head.matchAll(/^parent ([0-9a-f]{40})$/gmu)].map((match) => match[1] ?? "");
  return { oid, tree, parents, time: Number(time ?? 0) };
}

function decodeName(bytes: Buffer): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new CodedError("E_ARCHIVE_PATH", "a file name in the repository is not valid UTF-8", { cause });
  }
}

/** Characters that HFS+ ignores in names, so `.g\u200cit` is `.git` there. */
const IGNORABLE = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;
/** `.git` as NTFS and HFS+ would open it: any case, short name, trailing dots and spaces, alternate data streams. */
const DOT_GIT = /^(?:\.git|git~\d+)[ .]*(?::.*)?$/iu;

function checkName(name: string): void {
  const plain = name.replace(IGNORABLE, "");
  const bad =
    name === "" || name === "." || name === ".." || name.includes("/") || name.includes("\\") || DOT_GIT.test(plain);
  if (!bad) return;
  throw new CodedError(
    "E_ARCHIVE_PATH",
    `the repository contains a file named \`${JSON.stringify(name).slice(1, -1)}\`, which no tree may hold`,
    {
      hint: "report it to the owner of the repository; it may be an attack",
    },
  );
}
