import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import type { StoreIndex } from "../../schemas/store-index.ts";
import { treeDigest, type TreeMember } from "../../schemas/tree-digest.ts";
import { readTreeMembers } from "./disk-tree.ts";
import { quoted } from "./member-rules.ts";

/** Whether a tree of the store is what its name says, and what is wrong with it. */
export interface TreeVerdict {
  readonly ok: boolean;
  readonly problems: readonly Diagnostic[];
}

/** Compares a tree on disk with its digest; with `sizes`, only the names and sizes of the recorded members. */
export function verifyTree(
  tree: Digest,
  directory: string,
  index: StoreIndex,
  depth: "content" | "sizes",
): TreeVerdict {
  const stats = lstatSync(directory, { throwIfNoEntry: false });
  if (stats === undefined) return verdict([problem(undefined, `the tree \`${directory}\` is missing`)]);
  if (!stats.isDirectory())
    return verdict([problem(undefined, `the tree \`${directory}\` was replaced by something else`)]);
  const expected = index.members(tree);
  if (depth === "sizes")
    return verdict(expected === undefined ? [] : expected.flatMap((member) => sizeProblem(directory, member)));
  const { members, strange } = readTreeMembers(directory);
  const problems = strange.map((path) => problem(path, `${quoted(path)} is neither a file nor a directory`));
  if (problems.length === 0 && treeDigest(members) === tree) return verdict([]);
  if (expected !== undefined) problems.push(...differences(expected, members));
  if (problems.length === 0)
    problems.push(problem(undefined, `the tree \`${directory}\` does not have the content it is named for`));
  return verdict(problems);
}

function verdict(problems: readonly Diagnostic[]): TreeVerdict {
  return { ok: problems.length === 0, problems };
}

function sizeProblem(directory: string, member: TreeMember): readonly Diagnostic[] {
  const path = join(directory, member.path);
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return [missing(member)];
  const same =
    member.kind === "file"
      ? stats.isFile() && stats.size === member.bytes
      : stats.isSymbolicLink() && readlinkSync(path) === member.target;
  return same ? [] : [changed(member)];
}

function differences(expected: readonly TreeMember[], found: readonly TreeMember[]): readonly Diagnostic[] {
  const left = new Map(found.map((member) => [member.path, member]));
  const problems: Diagnostic[] = [];
  for (const member of expected) {
    const present = left.get(member.path);
    left.delete(member.path);
    if (present === undefined) problems.push(missing(member));
    else if (!isSame(member, present)) problems.push(changed(member));
  }
  for (const { path } of left.values())
    problems.push(problem(path, `${quoted(path)} was added to the plugin after it was installed`));
  return problems;
}

function isSame(left: TreeMember, right: TreeMember): boolean {
  if (left.kind === "link" || right.kind === "link") {
    return left.kind === "link" && right.kind === "link" && left.target === right.target;
  }
  return left.sha256 === right.sha256 && left.executable === right.executable;
}

function missing(member: TreeMember): Diagnostic {
  return problem(member.path, `${quoted(member.path)} is missing from the installed plugin`);
}

function changed(member: TreeMember): Diagnostic {
  return problem(member.path, `${quoted(member.path)} was changed after the plugin was installed`);
}

function problem(file: string | undefined, message: string): Diagnostic {
  const hint = "run `plugin sync` to fetch the plugin again";
  return { code: "E_INTEGRITY", severity: "error", message, hint, ...(file === undefined ? {} : { file }) };
}
