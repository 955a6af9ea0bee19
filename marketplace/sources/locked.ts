import type { LockedSource } from "../../schemas/lockfile.ts";
import { gitSymptom } from "./git-failure.ts";
import { GitTreePlan } from "./git-tree.ts";
import type { Repository } from "./repository.ts";

/** A locked source that a commit pins. */
export type PinnedSource = Extract<LockedSource, { kind: "git" }>;

/** Whether a locked source is pinned by a commit. */
export function isPinned(source: LockedSource): source is PinnedSource {
  return source.kind === "git";
}

/** Fetches the commits of several locked plugins of one repository together, then all their files together. */
export async function prepareCommits(repository: Repository, sources: readonly PinnedSource[]): Promise<void> {
  await repository.prime(sources.map((source) => source.commit));
  const absent: string[] = [];
  for (const { commit } of sources) if ((await repository.commit(commit)) === undefined) absent.push(commit);
  const commits = [...new Set(absent)];
  try {
    if (commits.length > 0) await repository.fetchRefs({ refs: [], tagsOf: [], commits, small: false });
  } catch (error) {
    // A server that refuses ids, or has lost one, is dealt with commit by commit.
    if (gitSymptom(error) !== "unknown-object") throw error;
    return;
  }
  await repository.prime(commits);
  const oids: string[] = [];
  for (const source of sources) {
    const commit = await repository.commit(source.commit);
    const plan = commit === undefined ? undefined : await GitTreePlan.walk(repository, commit.tree, source.path);
    oids.push(...(plan?.oids() ?? []));
  }
  await repository.ensureBlobs(oids);
}
