import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ioError } from "../../../schemas/system-error.ts";
import { readTextIfPresent } from "../../generations/state-files.ts";
import type { WorkTree } from "../work-tree.ts";
import { releaseEdits } from "./edits.ts";
import type { Proposal } from "./proposal.ts";
import { signsTags } from "./repository-state.ts";

/** What a release left behind. */
export interface Released {
  readonly commit: string;
  readonly signed: boolean;
}

/**
 * Writes the versions and changelogs, commits them, and tags the commit for each plugin. `check` sees the new files before anything is
 * committed; when it fails they are as before. `beforeTag` runs for each plugin when the commit is there: what it throws leaves that
 * tag and the later ones to the next call, which finds the commit made.
 */
export async function makeRelease(
  repository: WorkTree,
  proposals: readonly Proposal[],
  date: string,
  { check, beforeTag }: { check: () => Promise<void>; beforeTag: (proposal: Proposal) => Promise<void> },
): Promise<Released> {
  const edits = releaseEdits(proposals, (path) => readTextIfPresent(join(repository.directory, path)), date);
  const before = new Map([...edits.keys()].map((path) => [path, readTextIfPresent(join(repository.directory, path))]));
  try {
    for (const [path, text] of edits) write(join(repository.directory, path), text);
    await check();
    if (edits.size > 0) commit(repository, proposals, [...edits.keys()]);
  } catch (error) {
    for (const [path, text] of before) takeBack(repository, path, text);
    throw error;
  }
  const signed = signsTags(repository);
  for (const proposal of proposals) {
    await beforeTag(proposal);
    const message = `${proposal.plugin.name} ${proposal.to}`;
    repository.run(
      ["tag", signed ? "--sign" : "--annotate", "--message", message, proposal.tag],
      signed
        ? "see whether your key can sign: `git tag --sign`; then release again"
        : "see whether the tag is there already",
    );
  }
  return { commit: repository.run(["rev-parse", "HEAD"]), signed };
}

/**
 * Undoes an edit: the work tree was clean, so what is committed is what was there, unless another release was faster, and then its
 * commit stands.
 */
function takeBack(repository: WorkTree, path: string, before: string | undefined): void {
  repository.ask(["reset", "--quiet", "--", path]);
  if (repository.ask(["checkout", "--quiet", "HEAD", "--", path]) === undefined) {
    write(join(repository.directory, path), before);
  }
}

function commit(repository: WorkTree, proposals: readonly Proposal[], paths: readonly string[]): void {
  repository.run(["add", "--", ...paths]);
  const names = proposals.map(({ plugin, to }) => `${plugin.name} ${to}`);
  const subject = names.length <= 3 ? `release: ${names.join(", ")}` : `release: ${names.length} plugins`;
  const body = names.length <= 3 ? [] : ["--message", names.map((name) => `- ${name}`).join("\n")];
  repository.run(
    ["commit", "--quiet", "--message", subject, ...body, "--", ...paths],
    "the files are as before; mend what git says",
  );
}

/** Without a text the file goes. */
function write(file: string, text: string | undefined): void {
  try {
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
  } catch (error) {
    throw ioError("write", file, error);
  }
}
