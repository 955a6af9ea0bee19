import { CodedError } from "../../../schemas/errors.ts";
import { WorkTree } from "../work-tree.ts";

/** Why nothing can be released from a repository now, and what to do about it. */
export interface Obstacle {
  readonly problem: string;
  readonly hint: string;
}

/** The author's repository around a directory, from its top. Throws `E_RELEASE` where there is none, or no commit. */
export function repositoryAround(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): WorkTree {
  const top = new WorkTree(directory, environment).ask(["rev-parse", "--show-toplevel"]);
  if (top === undefined) {
    throw new CodedError("E_RELEASE", "this is no git repository, and releases are tags", {
      hint: "`git init`, commit the plugin, and try again",
      where: directory,
    });
  }
  const repository = new WorkTree(top, environment);
  if (repository.ask(["rev-parse", "--verify", "--quiet", "HEAD"]) !== undefined) return repository;
  throw new CodedError("E_RELEASE", "the repository has no commit, so there is nothing to release", {
    hint: "commit the plugin first",
    where: top,
  });
}

/** What stands in the way of a release: uncommitted changes, no branch, commits that others do not have or that are not here yet. */
export function obstacles(repository: WorkTree): readonly Obstacle[] {
  const found: Obstacle[] = [];
  const [dirty] = repository.run(["status", "--porcelain", "--untracked-files=normal"]).split("\n");
  if (dirty !== undefined && dirty !== "") {
    const problem = `the work tree has changes that are not committed, e.g. \`${dirty.slice(3)}\``;
    found.push({ problem, hint: "commit them, or put them away with `git stash --include-untracked`" });
  }
  // A commit needs both, and git may be told only one of them.
  if (["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"].some((who) => repository.ask(["var", who]) === undefined)) {
    found.push({
      problem: "git does not know who you are, which a commit says",
      hint: '`git config --global user.name "Your Name"` and `git config --global user.email you@example.org`',
    });
  }
  const branch = repository.ask(["symbolic-ref", "--quiet", "--short", "HEAD"]);
  if (branch === undefined) {
    found.push({ problem: "no branch is checked out", hint: "`git switch <branch>`" });
    return found;
  }
  const [remote] = repository.run(["remote"]).split("\n");
  if (remote === undefined || remote === "") return found;
  const counts = repository.ask(["rev-list", "--left-right", "--count", "@{upstream}...HEAD"]);
  if (counts === undefined) {
    const problem = `branch \`${branch}\` follows none of a remote`;
    found.push({ problem, hint: `\`git push --set-upstream ${remote} ${branch}\`` });
    return found;
  }
  const [behind = 0, ahead = 0] = counts.split(/\s+/u).map(Number);
  if (behind > 0) {
    const problem = `the remote has ${behind === 1 ? "1 commit that is" : `${behind} commits that are`} not here`;
    found.push({ problem, hint: "`git pull --rebase`" });
  }
  if (ahead > 0) {
    const problem = `${ahead === 1 ? "1 commit of this branch is" : `${ahead} commits of this branch are`} not pushed`;
    found.push({ problem, hint: "`git push`" });
  }
  return found;
}

/** Whether tags made here are signed: the author says so for tags, or for commits. */
export function signsTags(repository: WorkTree): boolean {
  return ["tag.gpgSign", "commit.gpgSign"].some(
    (key) => repository.ask(["config", "--type=bool", "--get", key]) === "true",
  );
}
