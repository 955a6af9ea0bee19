import { posix } from "node:path";

import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { GitTreeEntry } from "./git-objects.ts";
import { ObjectTree, type ObjectNode } from "./object-tree.ts";
import type { Repository } from "./repository.ts";

/** A tree with what its reader should know. */
export interface OpenedTree {
  readonly tree: FileTree;
  readonly diagnostics: readonly Diagnostic[];
}

const MAX_ENTRIES = 20_000;
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_PATH = 1_024;
const MAX_DEPTH = 32;
/** How often content may be copied out of content that was itself copied in place of a link. */
const MAX_COPIES = 8;
const LFS = "version https://git-lfs";
const MAX_HOPS = 40;

/** What `GitTreePlan` found at a path of a commit. */
type Found = { readonly kind: "directory" | "file" | "executable"; readonly oid: string; readonly path: string };

/**
 * A sub-directory of a commit on its way to being a `FileTree`: its names are known, its contents are not yet.
 * `oids` first, then `settle`, then `open`; so that several plans of one repository share one fetch.
 */
export class GitTreePlan {
  readonly #repository: Repository;
  readonly #rootTree: string;
  readonly #path: string;
  readonly #nodes = new Map<string, ObjectNode>();
  readonly #pendingLinks: {
    readonly path: string;
    readonly origin: string;
    readonly oid: string;
    readonly copies: number;
  }[] = [];
  readonly #diagnostics: Diagnostic[] = [];

  private constructor(repository: Repository, rootTree: string, path: string) {
    this.#repository = repository;
    this.#rootTree = rootTree;
    this.#path = path;
  }

  /** Walks a directory; `undefined` when there is none at that path. Throws `E_PATH_ESCAPE`, `E_ARCHIVE_PATH`, `E_LIMIT_…`. */
  static async walk(repository: Repository, rootTree: string, path: string): Promise<GitTreePlan | undefined> {
    const found = await lookUp(repository, rootTree, path);
    if (found === "escapes") {
      throw new CodedError("E_PATH_ESCAPE", `\`${path}\` is a link that leaves the repository`, {
        hint: "report it to the owner of the catalog",
      });
    }
    if (found === undefined || found.kind !== "directory") return undefined;
    const plan = new GitTreePlan(repository, rootTree, found.path);
    await plan.#walk(found.oid, "", found.path, 0);
    return plan;
  }

  /** Every file and link content that a complete tree needs. */
  oids(): readonly string[] {
    const oids: string[] = this.#pendingLinks.map((link) => link.oid);
    for (const node of this.#nodes.values()) if (node.kind === "file") oids.push(node.oid);
    return oids;
  }

  /** The contents at these paths, as far as they are plain files, and of every link. */
  oidsOf(paths: readonly string[]): readonly string[] {
    const nodes = paths.map((path) => this.#nodes.get(path));
    return [
      ...this.#pendingLinks.map((link) => link.oid),
      ...nodes.flatMap((node) => (node?.kind === "file" ? [node.oid] : [])),
    ];
  }

  /** Decides every link whose target is here (attacks rule 6): kept inside the plugin, copied inside the repository, else refused. */
  async settle(): Promise<void> {
    while (this.#pendingLinks.length > 0) {
      const links = this.#pendingLinks.splice(0);
      const targets = await this.#repository.blobs(links.map((link) => link.oid));
      for (const link of links) {
        const target = targets.get(link.oid)?.toString("utf8");
        if (target !== undefined) await this.#settleLink(link, target);
      }
    }
  }

  /** The tree. With `complete`, everything is fetched; else files that are not here cannot be read. */
  async open(complete: boolean, only?: readonly string[]): Promise<OpenedTree> {
    const oids = only === undefined ? this.oids() : this.oidsOf(only);
    const contents = complete ? await this.#repository.wantBlobs(oids) : await this.#repository.blobs(oids);
    let total = 0;
    for (const [path, node] of this.#nodes) {
      if (node.kind !== "file") continue;
      const bytes = contents.get(node.oid);
      if (bytes === undefined) {
        if (!complete) continue;
        throw new CodedError(
          "E_GIT",
          `file \`${path}\` did not arrive from \`${this.#repository.url?.url ?? this.#repository.gitDirectory}\``,
          {
            hint: "try again",
          },
        );
      }
      total += bytes.length;
      if (bytes.length < 1_024 && bytes.toString("latin1", 0, LFS.length) === LFS) {
        this.#note("W_LFS_POINTER", `\`${path}\` is a Git LFS pointer; its content is never downloaded`, path);
      }
    }
    if (total > MAX_BYTES) {
      throw new CodedError("E_LIMIT_SIZE", `the plugin has ${total} bytes; the limit is ${MAX_BYTES}`, {
        hint: "ask its author to make it smaller",
      });
    }
    return { tree: new ObjectTree(this.#nodes, contents), diagnostics: this.#diagnostics };
  }

  async #walk(oid: string, at: string, origin: string, copies: number): Promise<void> {
    let level = [{ oid, at, origin }];
    this.#add(at, { kind: "directory" });
    while (level.length > 0) {
      const listings = await this.#repository.trees(level.map((directory) => directory.oid));
      const next: typeof level = [];
      for (const [index, directory] of level.entries()) {
        for (const entry of listings[index] ?? []) {
          const path = directory.at === "" ? entry.name : `${directory.at}/${entry.name}`;
          const from = directory.origin === "" ? entry.name : `${directory.origin}/${entry.name}`;
          if (this.#member(entry, path, from, copies)) next.push({ oid: entry.oid, at: path, origin: from });
        }
      }
      level = next;
    }
  }

  /** Records one name; true for a directory to descend into. */
  #member(entry: GitTreeEntry, path: string, origin: string, copies: number): boolean {
    switch (entry.kind) {
      case "directory":
        this.#add(path, { kind: "directory" });
        return true;
      case "file":
      case "executable":
        this.#add(path, { kind: "file", oid: entry.oid, executable: entry.kind === "executable" });
        return false;
      case "link":
        this.#add(path, { kind: "unread-link" });
        this.#pendingLinks.push({ path, origin, oid: entry.oid, copies });
        return false;
      case "submodule":
        this.#note("W_SUBMODULE", `\`${path}\` is a submodule, which is never fetched`, path);
        return false;
    }
  }

  async #settleLink(
    link: { readonly path: string; readonly origin: string; readonly copies: number },
    target: string,
  ): Promise<void> {
    const reached = posix.normalize(posix.join(posix.dirname(link.origin), target)).replace(/\/$/, "");
    const inside = this.#path === "" || reached === this.#path || reached.startsWith(`${this.#path}/`);
    if (target.startsWith("/") || reached === ".." || reached.startsWith("../"))
      return this.#refuse(link.path, target, "escapes");
    if (inside && link.copies === 0) {
      this.#nodes.set(link.path, { kind: "link", target });
      const found = await lookUp(this.#repository, this.#rootTree, reached === "." ? "" : reached);
      if (found === undefined) this.#refuse(link.path, target, "missing");
      if (found === "escapes") this.#refuse(link.path, target, "escapes");
      return;
    }
    if (link.copies >= MAX_COPIES) return this.#refuse(link.path, target, "loops");
    const found = await lookUp(this.#repository, this.#rootTree, reached === "." ? "" : reached);
    if (found === "escapes") return this.#refuse(link.path, target, "escapes");
    if (found === undefined) return this.#refuse(link.path, target, "missing");
    if (found.kind !== "directory") {
      this.#nodes.set(link.path, { kind: "file", oid: found.oid, executable: found.kind === "executable" });
      return;
    }
    const containsItself = found.path === "" || link.origin.startsWith(`${found.path}/`);
    if (containsItself) return this.#refuse(link.path, target, "loops");
    await this.#walk(found.oid, link.path, found.path, link.copies + 1);
  }

  #refuse(path: string, target: string, reason: "escapes" | "loops" | "missing"): void {
    this.#nodes.set(path, { kind: "refused-link", target, reason });
    if (reason === "escapes")
      this.#note("E_PATH_ESCAPE", `link \`${path}\` leaves the repository and was not created`, path);
    else
      this.#note(
        "W_LINK_BROKEN",
        `link \`${path}\` ${reason === "loops" ? "contains itself" : "points nowhere"} and was not created`,
        path,
      );
  }

  #add(path: string, node: ObjectNode): void {
    this.#nodes.set(path, node);
    if (this.#nodes.size > MAX_ENTRIES) {
      throw new CodedError("E_LIMIT_ENTRIES", `the plugin has more than ${MAX_ENTRIES} files`, {
        hint: "ask its author to make it smaller",
      });
    }
    if (path.length > MAX_PATH || path.split("/").length > MAX_DEPTH) {
      throw new CodedError("E_LIMIT_PATH", `\`${path.slice(0, 200)}\` is too long or too deep`, {
        hint: "ask its author to shorten the path",
      });
    }
  }

  #note(code: Diagnostic["code"], message: string, file: string): void {
    this.#diagnostics.push({ code, severity: "warning", message, file });
  }
}

/** What lies at a path of a commit once links inside the repository were followed. */
export async function lookUp(
  repository: Repository,
  rootTree: string,
  path: string,
): Promise<Found | "escapes" | undefined> {
  let pending = path === "" ? [] : path.split("/");
  let trail: readonly Found[] = [{ kind: "directory", oid: rootTree, path: "" }];
  let hops = 0;
  while (pending.length > 0) {
    const [segment = "", ...rest] = pending;
    pending = rest;
    if (segment === "" || segment === ".") continue;
    if (segment === "..") {
      trail = trail.slice(0, -1);
      if (trail.length === 0) return "escapes";
      continue;
    }
    const at = trail.at(-1);
    if (at === undefined || at.kind !== "directory") return undefined;
    const entry = (await repository.tree(at.oid)).find((candidate) => candidate.name === segment);
    if (entry === undefined || entry.kind === "submodule") return undefined;
    if (entry.kind !== "link") {
      trail = [
        ...trail,
        { kind: entry.kind, oid: entry.oid, path: at.path === "" ? segment : `${at.path}/${segment}` },
      ];
      continue;
    }
    const target = (await repository.wantBlobs([entry.oid])).get(entry.oid)?.toString("utf8") ?? "";
    if (target.startsWith("/")) return "escapes";
    hops += 1;
    if (hops > MAX_HOPS || target === "") return undefined;
    pending = [...target.split("/"), ...pending];
  }
  return trail.at(-1);
}
