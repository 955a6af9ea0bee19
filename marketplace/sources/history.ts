import { existsSync } from "node:fs";
import { join } from "node:path";
import type { GitUrl } from "../../schemas/identity.ts";
import type { GitRunner } from "./git-runner.ts";
import { Transfer } from "./transfer.ts";

/** How a commit stands to others that are known: it comes after one, has an ancestor in common with one, or neither. */
export type Relation = "descends" | "rewritten" | "unrelated";

/** Most updates are shorter. */
const RECENT = 100;

/** The commits of a remote repository without trees and files, apart from its cache, which has to hold whole trees. */
export class History {
  readonly #runner: GitRunner;
  readonly #gitDirectory: string;
  readonly #transfer: Transfer;

  constructor(runner: GitRunner, gitDirectory: string, url: GitUrl) {
    this.#runner = runner;
    this.#gitDirectory = gitDirectory;
    this.#transfer = new Transfer(runner, gitDirectory, url);
  }

  /** Whether `ancestor` is one of the last hundred commits before `oid`. */
  async descendsRecently(oid: string, ancestor: string): Promise<boolean> {
    await this.#transfer.fetchHistory(oid, oid, RECENT);
    return (await this.#before(oid)).has(ancestor);
  }

  /**
   * Asks for no more commits than it takes: in general those since the last time. `ref` is asked for where a server refuses ids;
   * `known` are commits of the repository, those that matter most first, which the server may have lost, and `behind` parents of theirs.
   */
  async relation(
    oid: string,
    ref: string,
    known: readonly string[],
    behind: readonly string[] = [],
  ): Promise<Relation> {
    const isNew = !existsSync(join(this.#gitDirectory, "HEAD"));
    await this.#fetch(oid, ref, isNew ? RECENT : "new");
    let before = await this.#before(oid);
    if (known.some((commit) => before.has(commit))) return "descends";
    if (existsSync(join(this.#gitDirectory, "shallow"))) {
      await this.#fetch(oid, ref, "all");
      before = await this.#before(oid);
      if (known.some((commit) => before.has(commit))) return "descends";
    }
    if (behind.some((commit) => before.has(commit))) return "rewritten";
    for (const commit of known) {
      if (!(await this.#transfer.fetchHistory(commit, commit, "all"))) continue;
      if (!before.isDisjointFrom(await this.#before(commit))) return "rewritten";
    }
    return "unrelated";
  }

  /** Whether a ref, as the server has it now, still leads to one of these commits. */
  async holds(ref: string, known: readonly string[]): Promise<boolean> {
    const local = await this.#transfer.fetchHistory(ref, ref, "all");
    if (local === undefined) return false;
    const before = await this.#before(local);
    return known.some((commit) => before.has(commit));
  }

  async #fetch(oid: string, ref: string, depth: number | "new" | "all"): Promise<void> {
    if ((await this.#transfer.fetchHistory(oid, ref, depth)) === undefined)
      await this.#transfer.fetchHistory(ref, ref, depth);
  }

  async #before(name: string): Promise<ReadonlySet<string>> {
    const listing = await this.#runner.run({
      gitDirectory: this.#gitDirectory,
      arguments: ["rev-list", "--end-of-options", name],
    });
    return new Set(listing.trim().split("\n"));
  }
}
