import { createHash } from "node:crypto";
import { join } from "node:path";

import type { Diagnostic } from "../../schemas/diagnostic.ts";
import type { GitUrl } from "../../schemas/identity.ts";
import { GitRunner, type GitOptions } from "./git-runner.ts";
import type { Lineages } from "./lineage.ts";
import { Repository } from "./repository.ts";
import type { SourceRewrites } from "./source-rewrites.ts";

/** The name of the folder that holds the cached copy of a remote repository. */
export function repositoryFolder(url: GitUrl): string {
  return createHash("sha256").update(url.url).digest("hex").slice(0, 32);
}

/** Every repository that one Plugsmith process reads, each opened once. */
export class Repositories {
  readonly #directory: string;
  readonly #runner: GitRunner;
  readonly #rewrites: Pick<SourceRewrites, "git">;
  readonly #lineages: Lineages;
  readonly #open = new Map<string, Repository>();

  /** `options.directory` holds the cached repositories, one a canonical URL; `rewrites` says from where each is fetched. */
  constructor(options: GitOptions, rewrites: Pick<SourceRewrites, "git">, lineages: Lineages) {
    this.#rewrites = rewrites;
    this.#lineages = lineages;
    this.#directory = options.directory;
    this.#runner = new GitRunner(options);
  }

  /** The cached copy of a remote repository. */
  remote(url: GitUrl): Repository {
    const lineage = this.#lineages.of(url.identity);
    return this.#opened(join(this.#directory, repositoryFolder(url)), { url: this.#rewrites.git(url), lineage });
  }

  /** A repository of this machine, read where it lies. `gitDirectory` was checked by `workTreeOf`. */
  inPlace(gitDirectory: string): Repository {
    return this.#opened(gitDirectory, undefined);
  }

  /** What the person should know about how their git configuration was used. */
  notes(): readonly Diagnostic[] {
    return this.#runner.notes();
  }

  /** Ends the reading processes. */
  close(): void {
    for (const repository of this.#open.values()) repository.close();
    this.#open.clear();
  }

  #opened(gitDirectory: string, remote: ConstructorParameters<typeof Repository>[2]): Repository {
    const known = this.#open.get(gitDirectory);
    if (known !== undefined) return known;
    const repository = new Repository(this.#runner, gitDirectory, remote);
    this.#open.set(gitDirectory, repository);
    return repository;
  }
}
