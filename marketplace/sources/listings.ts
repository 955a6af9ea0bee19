import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";
import { hostOf, type Host } from "./host.ts";
import { areManifestsHere, marketRequest } from "./market-request.ts";
import type { Repositories } from "./repositories.ts";
import type { Repository } from "./repository.ts";

/** What plugin sources need from the composition root. */
export interface SourcesOptions {
  readonly repositories: Repositories;
  readonly openTree: (directory: string) => FileTree;
  readonly offline: boolean;
  readonly progress: (message: string | undefined) => void;
}

/** An entry that will be asked for. */
export interface Wanted {
  readonly snapshot: CatalogSnapshot;
  readonly entry: CatalogEntry;
}

/** An entry's place in a repository. */
export type GitHost = Extract<Host, { kind: "git" }>;

/** Which repositories this process has listed, and why it could not list the others. */
export class Listings {
  readonly #options: SourcesOptions;
  readonly #failures = new Map<Repository, unknown>();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** Lists the repositories of these entries, four at a time; a failure is told by `ensure`. */
  async prefetch(wanted: readonly Wanted[]): Promise<void> {
    const byRepository = new Map<Repository, { readonly host: GitHost; readonly item: Wanted }[]>();
    for (const item of wanted) {
      const { kind } = item.entry.source;
      const isGit = kind === "github" || kind === "git" || (kind === "relative" && item.snapshot.root.kind === "git");
      const host = isGit ? hostOf(item.snapshot, item.entry, this.#options.repositories) : undefined;
      if (host?.kind !== "git") continue;
      const group = byRepository.get(host.repository) ?? [];
      byRepository.set(host.repository, group);
      group.push({ host, item });
    }
    const repositories = [...byRepository];
    const workers = Array.from({ length: Math.min(4, repositories.length) }, async () => {
      for (let next = repositories.shift(); next !== undefined; next = repositories.shift()) {
        const [repository, group] = next;
        try {
          await this.#list(repository, group);
          this.#failures.delete(repository);
        } catch (error) {
          this.#failures.set(repository, error);
        }
      }
    });
    await Promise.all(workers);
  }

  /** Lists an entry's repository unless this process has. Throws why it could not be listed. */
  async ensure(item: Wanted, host: GitHost): Promise<void> {
    const { repository } = host;
    const listed =
      repository.listed([item.entry.name]) && (host.sha !== undefined || repository.fetched(host.ref ?? "HEAD"));
    if (!listed) await this.prefetch([item]);
    const failure = this.#failures.get(repository);
    if (failure !== undefined) throw failure;
  }

  /** Lists and fetches what a group of entries of one repository needs, in one connection. */
  async #list(
    repository: Repository,
    group: readonly { readonly host: GitHost; readonly item: Wanted }[],
  ): Promise<void> {
    const refs = new Set<string>();
    const commits = new Set<string>();
    const tagsOf = new Set<string>();
    let small = true;
    let unlisted = false;
    for (const { host, item } of group) {
      const { name } = item.entry;
      const known = repository.listed([name]);
      unlisted ||= !known;
      if (host.sha === undefined && !repository.fetched(host.ref ?? "HEAD")) refs.add(host.ref ?? "HEAD");
      if (host.sha !== undefined && (await repository.commit(host.sha)) === undefined) commits.add(host.sha);
      if (host.market === undefined) {
        tagsOf.add(name);
        small &&= host.path === "" || host.pathIsFallback;
      } else if (!known) {
        const request = await marketRequest(
          repository,
          item.snapshot,
          group.map((member) => member.item.entry.name),
        );
        for (const other of request.tagsOf) tagsOf.add(other);
        small &&= request.small;
        if (request.small && host.sha !== undefined && !(await areManifestsHere(repository, item.snapshot)))
          commits.add(host.sha);
      }
    }
    if (this.#options.offline || (!unlisted && refs.size === 0 && commits.size === 0)) return;
    this.#options.progress(`fetching ${repository.url?.identity ?? repository.gitDirectory}`);
    const unknown = [...tagsOf].filter((name) => !repository.listed([name]));
    await repository.fetchRefs({ refs: [...refs], tagsOf: unknown, commits: [...commits], small });
  }
}
