import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { CodedError } from "../../schemas/errors.ts";
import type { GitUrl } from "../../schemas/identity.ts";
import type { GitSetting } from "./git-environment.ts";
import { CacheClaim } from "./cache-claim.ts";
import { gitSymptom } from "./git-failure.ts";
import type { GitRunner } from "./git-runner.ts";

/** The local name of a remote's branch, tag or `HEAD` once it was fetched. */
export function localRef(ref: string): string {
  return `refs/plugsmith/heads/${refKey(ref)}`;
}

function refKey(ref: string): string {
  return createHash("sha256").update(ref).digest("hex").slice(0, 16);
}

/** Release tags keep their names, except below `whole`. */
function refspec(source: string, directory: string): string {
  if (!source.endsWith("*")) return `+${source}:${directory}/${refKey(source)}`;
  return `+${source}:${directory === "refs/plugsmith/whole" ? source.replace("refs/tags", `${directory}/tags`) : source}`;
}

/** What to bring up to date in one connection. */
export interface RefRequest {
  /** Branches, tags or `HEAD`; remembered under `localRef`. */
  readonly refs: readonly string[];
  /** Plugin names whose `<name>--v*` tags are wanted. */
  readonly tagsOf: readonly string[];
  /** A ref that is looked at only to learn whether this still is the same repository. */
  readonly witness?: string | undefined;
  /** Pinned commits that are not here yet. */
  readonly commits?: readonly string[] | undefined;
  /** Whether files up to `SMALL_BYTES` come along, or only commits and trees. */
  readonly small: boolean;
}

/** Files up to this size come with their tree when `small` is asked: manifests, skills and most scripts. */
const SMALL_BYTES = 16 * 1024;

const SMALL_REFS = "refs/plugsmith/small";
const EVERYTHING: readonly string[] = [
  "+refs/heads/*:refs/plugsmith/all/heads/*",
  "+refs/tags/*:refs/plugsmith/all/tags/*",
];
const ATTEMPTS = 12;
const RETRY_MS = 40;
/** How often a lock is waited for before it is asked whether its owner lives. */
const PATIENCE = 3;
const NOOP: GitSetting = ["fetch.negotiationAlgorithm", "noop"];

/** Moves objects from one remote repository into its bare cache. Holds what this process has already listed. */
export class Transfer {
  readonly #runner: GitRunner;
  readonly #gitDirectory: string;
  readonly #url: GitUrl;
  readonly #listed = new Set<string>();
  readonly #asked = new Set<string>();
  readonly #fetched = new Set<string>();

  constructor(runner: GitRunner, gitDirectory: string, url: GitUrl) {
    this.#runner = runner;
    this.#gitDirectory = gitDirectory;
    this.#url = url;
  }

  listed(names: readonly string[]): boolean {
    return names.every((name) => this.#listed.has(name));
  }

  listedSome(): boolean {
    return this.#listed.size > 0;
  }

  fetched(ref: string): boolean {
    return this.#fetched.has(ref);
  }

  /** Throws a damaged cache away: everything in it can be fetched again. */
  discard(): void {
    rmSync(this.#gitDirectory, { recursive: true, force: true });
    this.#listed.clear();
    this.#fetched.clear();
  }

  /** Three requests over HTTP: capabilities, the refs asked for, one pack. */
  async fetchRefs(request: RefRequest): Promise<void> {
    const tags = request.tagsOf.map((name) => `refs/tags/${name}--v*`);
    for (const source of [...request.refs, ...tags]) this.#asked.add(source);
    const refs = [...request.refs, ...(request.witness === undefined ? [] : [request.witness])];
    const sources = [...refs, ...tags];
    const refspecs = sources.map((source) => refspec(source, "refs/plugsmith/heads"));
    // Git asks for no ref that is up to date here, so a ref of its own says whose small files have come.
    if (request.small) refspecs.push(...request.refs.map((ref) => refspec(ref, SMALL_REFS)));
    const filter = request.small ? `blob:limit=${SMALL_BYTES}` : "blob:none";
    const tips = this.#completeTips();
    // Nothing but refs whose small files are here may count as known, or the server would leave those files out.
    const negotiation = request.small && tips.length === 0 ? [NOOP] : [];
    const exact = refs.length + (request.commits?.length ?? 0);
    const restore = this.#keepFromPrune(refs);
    try {
      await this.#fetch(
        ["--prune", "--depth=1", `--filter=${filter}`, ...(request.small ? tips : [])],
        [...refspecs, ...(request.commits ?? [])],
        negotiation,
      );
    } catch (error) {
      // Plugins without any release.
      if (exact > 0 || gitSymptom(error) !== "nothing-matched") throw error;
    }
    restore();
    for (const name of request.tagsOf) this.#listed.add(name);
    for (const ref of request.refs) this.#fetched.add(ref);
  }

  /** By id (two requests), else through the ref, else everything. `arrived` tells when to stop. */
  async fetchCommit(
    oid: string,
    ref: string | undefined,
    small: boolean,
    arrived: () => Promise<boolean>,
  ): Promise<void> {
    const filter = small ? `--filter=blob:limit=${SMALL_BYTES}` : "--filter=blob:none";
    const ways = [
      { options: () => ["--depth=1", filter], refspecs: [oid] },
      { options: () => ["--depth=1", filter], refspecs: [refspec(ref ?? "HEAD", "refs/plugsmith/pinned")] },
      { options: () => ["--filter=blob:none", ...this.#deepen()], refspecs: EVERYTHING },
    ];
    for (const { options, refspecs } of ways) {
      try {
        await this.#fetch(options(), refspecs, [NOOP]);
      } catch (error) {
        const symptom = gitSymptom(error);
        if (symptom !== "unknown-object" && symptom !== "unknown-ref") throw error;
      }
      if (await arrived()) return;
    }
  }

  /** Blobs by id in one batch; a server that refuses ids is asked for whole trees, then for everything, until they `arrived`. */
  async fetchObjects(oids: readonly string[], arrived: () => Promise<boolean>): Promise<void> {
    try {
      return await this.#fetch(["--depth=1", "--filter=blob:none"], oids, [NOOP]);
    } catch (error) {
      if (gitSymptom(error) !== "unknown-object") throw error;
    }
    const refspecs = [...this.#asked.add("HEAD")].map((source) => refspec(source, "refs/plugsmith/whole"));
    await this.#fetch(["--depth=1", "--no-filter"], refspecs, [NOOP]);
    if (await arrived()) return;
    await this.#fetch(["--refetch", "--no-filter", ...this.#deepen()], EVERYTHING, [NOOP]);
  }

  /**
   * The commits behind `source`, an id or a ref, without trees or files: so many, those that are not here yet, or all. Answers their
   * local name, the same for all that are called `name`; `undefined` when the server has no such commit.
   */
  async fetchHistory(source: string, name: string, depth: number | "new" | "all"): Promise<string | undefined> {
    const local = `refs/plugsmith/history/${refKey(name)}`;
    const reach = depth === "new" ? [] : depth === "all" ? this.#deepen() : [`--depth=${depth}`];
    try {
      await this.#fetch(["--filter=tree:0", ...reach], [`+${source}:${local}`], []);
      return local;
    } catch (error) {
      const symptom = gitSymptom(error);
      if (symptom !== "unknown-object" && symptom !== "unknown-ref") throw error;
      return undefined;
    }
  }

  /** Forgets where every ref and tag stood; the objects stay. */
  forgetRefs(): void {
    for (const name of ["refs/plugsmith", "refs/tags", "packed-refs"])
      rmSync(join(this.#gitDirectory, name), { recursive: true, force: true });
    this.#listed.clear();
    this.#fetched.clear();
  }

  /**
   * A fetch with `--prune` removes what came from a short name, `main` for `refs/heads/main`, and brings it again only when it changed.
   * The function that is returned puts back what did not.
   */
  #keepFromPrune(refs: readonly string[]): () => void {
    const short = refs.filter((ref) => ref !== "HEAD" && !ref.startsWith("refs/"));
    const files = short.flatMap((ref) =>
      ["refs/plugsmith/heads", SMALL_REFS].map((name) => join(this.#gitDirectory, name, refKey(ref))),
    );
    const texts = files.filter((file) => existsSync(file)).map((file) => [file, readFileSync(file)] as const);
    return () => {
      for (const [file, text] of texts) {
        if (existsSync(file)) continue;
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      }
    };
  }

  #completeTips(): readonly string[] {
    return ["refs/tags", SMALL_REFS]
      .filter((directory) => existsSync(join(this.#gitDirectory, directory)))
      .map((directory) => `--negotiation-tip=${directory}/*`);
  }

  #deepen(): readonly string[] {
    return existsSync(join(this.#gitDirectory, "shallow")) ? ["--unshallow"] : [];
  }

  async #fetch(
    options: readonly string[],
    refspecs: readonly string[],
    settings: readonly GitSetting[],
  ): Promise<void> {
    prepareCache(this.#gitDirectory, this.#url);
    using claim = new CacheClaim(this.#gitDirectory);
    const { url } = this.#url;
    // A promisor for this command only: reads of the cache can then never fetch by themselves.
    const promisor: readonly GitSetting[] = [
      [`remote.${url}.promisor`, "true"],
      [`remote.${url}.partialclonefilter`, "blob:none"],
    ];
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#runner.run({
          gitDirectory: this.#gitDirectory,
          arguments: [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            ...options,
            "--stdin",
            "--end-of-options",
            url,
          ],
          url: this.#url,
          settings: [...promisor, ...settings],
          input: `${refspecs.join("\n")}\n`,
        });
        return;
      } catch (error) {
        const symptom = gitSymptom(error);
        if (symptom === "filter-refused" && !options.includes("--no-filter")) {
          const whole = options.filter((option) => !option.startsWith("--filter="));
          return await this.#fetch([...whole, "--no-filter"], refspecs, settings);
        }
        if (symptom === "damaged" && attempt === 1) {
          this.discard();
          prepareCache(this.#gitDirectory, this.#url);
          continue;
        }
        if (symptom !== "contended" || attempt === ATTEMPTS) throw error;
        if (attempt % PATIENCE === 0) claim.breakOrphanedLocks();
        await delay(RETRY_MS * attempt * (1 + Math.random()));
      }
    }
  }
}

const CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n";

/** Lays out an empty bare repository by hand: no template, no hooks, and ten times faster than `git init`. */
function prepareCache(gitDirectory: string, url: GitUrl): void {
  if (existsSync(join(gitDirectory, "HEAD"))) return;
  const staging = `${gitDirectory}.${randomUUID()}`;
  for (const name of ["objects/info", "objects/pack", "refs/heads"])
    mkdirSync(join(staging, name), { recursive: true, mode: 0o700 });
  writeFileSync(join(staging, "config"), CONFIG);
  writeFileSync(join(staging, "description"), `${url.identity}\n`);
  writeFileSync(join(staging, "HEAD"), "ref: refs/heads/none\n");
  mkdirSync(dirname(gitDirectory), { recursive: true });
  try {
    renameSync(staging, gitDirectory);
  } catch (cause) {
    rmSync(staging, { recursive: true, force: true });
    // Another process was first.
    if (!existsSync(join(gitDirectory, "HEAD"))) {
      throw new CodedError("E_IO", `the git cache \`${gitDirectory}\` could not be created`, { cause });
    }
  }
}
