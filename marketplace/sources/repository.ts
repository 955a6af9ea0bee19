import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { GitUrl } from "../../schemas/identity.ts";
import { parseCommit, parseTree, type GitCommit, type GitTreeEntry } from "./git-objects.ts";
import { gitSymptom } from "./git-failure.ts";
import type { GitRunner } from "./git-runner.ts";
import { History, type Relation } from "./history.ts";
import type { Lineage } from "./lineage.ts";
import { ObjectReader, type GitObject } from "./object-reader.ts";
import { localRef, Transfer, type RefRequest } from "./transfer.ts";

/** A release tag with the commit it stands for. */
export interface TagRef {
  readonly tag: string;
  readonly commit: string;
}

/** One file of a repository at some commit may be this large. */
const MAX_BLOB = 64 * 1024 * 1024;
const CHUNK = 200;
const TAG_FORMAT = "%(objecttype) %(objectname) %(*objecttype) %(*objectname) %(refname:lstrip=2)";
const TAG_LINE = /^(\w+) ([0-9a-f]{40}) (\w*) ([0-9a-f]{0,40}) (.+)$/u;

/**
 * The objects of one git repository: a cached partial copy of a remote one, or a local one read in place.
 * Reads never reach the network; `fetch…` do, once for everything asked.
 */
export class Repository {
  readonly gitDirectory: string;
  readonly url: GitUrl | undefined;
  readonly #runner: GitRunner;
  readonly #reader: ObjectReader;
  readonly #transfer: Transfer | undefined;
  readonly #history: History | undefined;
  readonly #lineage: Lineage | undefined;
  readonly #trees = new Map<string, readonly GitTreeEntry[]>();
  readonly #commits = new Map<string, GitCommit>();
  #tags: Promise<readonly TagRef[]> | undefined;

  /** `remote` absent: a repository of this machine that is read where it lies. */
  constructor(runner: GitRunner, gitDirectory: string, remote?: { readonly url: GitUrl; readonly lineage: Lineage }) {
    const url = remote?.url;
    this.gitDirectory = gitDirectory;
    this.url = url;
    this.#runner = runner;
    this.#reader = new ObjectReader(runner, gitDirectory, MAX_BLOB);
    this.#transfer = url === undefined ? undefined : new Transfer(runner, gitDirectory, url);
    this.#history = url === undefined ? undefined : new History(runner, join(gitDirectory, "history"), url);
    this.#lineage = remote?.lineage;
  }

  /**
   * Lists and fetches refs with their newest trees: one connection, unless they need a look at their history. Throws what `Transfer`
   * throws, and `E_SOURCE_REPLACED` when this is another repository than before; nothing of it can be found here then.
   */
  async fetchRefs(request: RefRequest): Promise<void> {
    const transfer = this.#remote();
    const tagsOnly = request.refs.length === 0 && request.tagsOf.length > 0;
    const witness = tagsOnly ? this.#lineage?.knownRef() : undefined;
    try {
      await transfer.fetchRefs({ ...request, witness });
      await this.#lineage?.check(this, witness === undefined ? request.refs : [witness]);
    } catch (error) {
      if (isCodedError(error) && error.code === "E_SOURCE_REPLACED") transfer.forgetRefs();
      throw error;
    } finally {
      this.#tags = undefined;
    }
  }

  /** Whether the release tags of these plugin names were listed by this process. */
  listed(names: readonly string[]): boolean {
    return this.#transfer === undefined || this.#transfer.listed(names);
  }

  /** Whether the release tags of any plugin were listed by this process. */
  listedSome(): boolean {
    return this.#transfer?.listedSome() === true;
  }

  /** Whether this process has fetched a ref. */
  fetched(ref: string): boolean {
    return this.#transfer === undefined || this.#transfer.fetched(ref);
  }

  /** The commit a ref stood for when it was last fetched. */
  async head(ref: string): Promise<string | undefined> {
    if (!existsSync(this.gitDirectory)) return undefined;
    const [found] = await this.#read([`${localRef(ref)}^{commit}`]);
    return found?.oid;
  }

  /** Every `<name>--v…` tag that is known here. */
  async tags(): Promise<readonly TagRef[]> {
    this.#tags ??= this.#readTags();
    return await this.#tags;
  }

  async #readTags(): Promise<readonly TagRef[]> {
    if (!mayHaveTags(this.gitDirectory)) return [];
    const listing = await this.#unlessDamaged(
      () =>
        this.#runner.run({
          gitDirectory: this.gitDirectory,
          arguments: ["for-each-ref", `--format=${TAG_FORMAT}`, "refs/tags/*--v*"],
        }),
      "",
    );
    const tags: TagRef[] = [];
    for (let start = 0; start < listing.length;) {
      const end = listing.indexOf("\n", start);
      const line = listing.slice(start, end < 0 ? undefined : end);
      start = end < 0 ? listing.length : end + 1;
      const [, type, oid, peeledType, peeled, tag] = TAG_LINE.exec(line) ?? [];
      const commit = type === "commit" ? oid : peeledType === "commit" ? peeled : undefined;
      if (commit !== undefined && tag !== undefined) tags.push({ tag, commit });
    }
    return tags;
  }

  /** A commit that is here; `undefined` otherwise. */
  async commit(oid: string): Promise<GitCommit | undefined> {
    const known = this.#commits.get(oid);
    if (known !== undefined) return known;
    if (!existsSync(this.gitDirectory)) return undefined;
    const [found] = await this.#read([oid]);
    if (found?.type !== "commit") return undefined;
    const commit = parseCommit(found.oid, found.bytes);
    this.#commits.set(oid, commit);
    return commit;
  }

  /** Reads many commits with their root directories in two round trips, so that later looks at them cost nothing. */
  async prime(oids: readonly string[]): Promise<void> {
    const unknown = [...new Set(oids)].filter((oid) => !this.#commits.has(oid));
    const trees: string[] = [];
    for (const object of await this.#read(unknown)) {
      if (object?.type !== "commit") continue;
      const commit = parseCommit(object.oid, object.bytes);
      this.#commits.set(commit.oid, commit);
      trees.push(commit.tree);
    }
    await this.trees(trees);
  }

  /**
   * A commit that is fetched when it is not here: by its id, else through `ref`, else with the whole repository.
   * Throws `E_GIT_PIN` when the repository does not hold it.
   */
  async wantCommit(oid: string, ref: string | undefined, small: boolean): Promise<GitCommit> {
    const here = await this.commit(oid);
    if (here !== undefined) return here;
    if (this.#transfer !== undefined) {
      await this.#transfer.fetchCommit(oid, ref, small, async () => (await this.commit(oid)) !== undefined);
    }
    const found = await this.commit(oid);
    if (found !== undefined) return found;
    throw new CodedError("E_GIT_PIN", `commit \`${oid}\` is not in \`${this.url?.url ?? this.gitDirectory}\``, {
      hint: "the commit was removed or never existed; ask the owner of the catalog to pin one that does",
    });
  }

  /** The names in a tree object, which must be here. */
  async tree(oid: string): Promise<readonly GitTreeEntry[]> {
    const [entries] = await this.trees([oid]);
    return entries ?? [];
  }

  /** Several tree objects in one round trip. Order as asked. */
  async trees(oids: readonly string[]): Promise<readonly (readonly GitTreeEntry[])[]> {
    const missing = [...new Set(oids)].filter((oid) => !this.#trees.has(oid));
    const found = await this.#read(missing);
    for (const [index, oid] of missing.entries()) {
      const object = found[index];
      if (object?.type !== "tree")
        throw new CodedError("E_GIT", `tree \`${oid}\` is missing from \`${this.gitDirectory}\``);
      this.#trees.set(oid, parseTree(object.bytes));
    }
    return oids.map((oid) => this.#trees.get(oid) ?? []);
  }

  /** Contents of those of these files that are here. */
  async blobs(oids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const wanted = [...new Set(oids)];
    const found = await this.#read(wanted);
    const contents = new Map<string, Buffer>();
    for (const object of found) {
      if (object?.type === "blob") contents.set(object.oid, object.bytes);
    }
    return contents;
  }

  /** Contents of these files, the absent ones fetched in one batch. */
  async wantBlobs(oids: readonly string[]): Promise<ReadonlyMap<string, Buffer>> {
    const contents = await this.blobs(oids);
    const missing = [...new Set(oids)].filter((oid) => !contents.has(oid));
    if (missing.length === 0) return contents;
    await this.#fetchBlobs(missing);
    return new Map([...contents, ...(await this.blobs(missing))]);
  }

  /** Makes sure that these files are here, fetching the absent ones in one batch; holds no more than a few contents at a time. */
  async ensureBlobs(oids: readonly string[]): Promise<void> {
    const wanted = [...new Set(oids)];
    const missing: string[] = [];
    for (let start = 0; start < wanted.length; start += CHUNK) {
      const chunk = wanted.slice(start, start + CHUNK);
      const here = await this.blobs(chunk);
      missing.push(...chunk.filter((oid) => !here.has(oid)));
    }
    await this.#fetchBlobs(missing);
  }

  async #fetchBlobs(missing: readonly string[]): Promise<void> {
    if (missing.length === 0 || this.#transfer === undefined) return;
    await this.#transfer.fetchObjects(missing, async () => (await this.blobs(missing)).size === missing.length);
  }

  /** Whether `ancestor` is among the last hundred commits before `oid`. */
  async descends(oid: string, ancestor: string): Promise<boolean> {
    return await this.#past().descendsRecently(oid, ancestor);
  }

  /** How a commit stands to some that were seen earlier, those that matter most first. */
  async relation(oid: string, ref: string, known: readonly string[]): Promise<Relation> {
    const here = await Promise.all(known.map(async (commit) => await this.commit(commit)));
    const behind = here.flatMap((commit) => commit?.parents ?? []);
    return await this.#past().relation(oid, ref, known, behind);
  }

  /** Whether a ref of the server still leads to one of these commits. */
  async stillHolds(ref: string, known: readonly string[]): Promise<boolean> {
    return await this.#past().holds(ref, known);
  }

  close(): void {
    this.#reader.close();
  }

  async #read(names: readonly string[]): Promise<readonly (GitObject | undefined)[]> {
    return await this.#unlessDamaged(
      () => this.#reader.read(names),
      names.map(() => undefined),
    );
  }

  /** A damaged cache counts as an empty one; a damaged repository of somebody's own is theirs to repair. */
  async #unlessDamaged<T>(read: () => Promise<T>, nothing: T): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (this.#transfer === undefined || gitSymptom(error) !== "damaged") throw error;
      this.#transfer.discard();
      return nothing;
    }
  }

  #remote(): Transfer {
    if (this.#transfer !== undefined) return this.#transfer;
    throw this.#inPlace();
  }

  #past(): History {
    if (this.#history !== undefined) return this.#history;
    throw this.#inPlace();
  }

  #inPlace(): CodedError {
    return new CodedError("E_INTERNAL", `\`${this.gitDirectory}\` is read in place and never fetched`);
  }
}

/** Spares a process for the many repositories without any tag. */
function mayHaveTags(gitDirectory: string): boolean {
  if (existsSync(join(gitDirectory, "reftable")) || existsSync(join(gitDirectory, "packed-refs"))) return true;
  const tags = join(gitDirectory, "refs", "tags");
  return existsSync(tags) && readdirSync(tags).length > 0;
}
