import { chmodSync, lstatSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { digestOf, treeDigest, type TreeMember } from "../../schemas/tree-digest.ts";
import type { Home } from "../home.ts";
import { canonicalJson } from "./canonical-json.ts";
import { removeTree } from "./disk-tree.ts";
import { syncDirectory } from "./durable-file.ts";
import { syncDirectoryTree } from "./file-system-sync.ts";
import { ioError, isSystemError } from "./io-error.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "./member-rules.ts";
import { scanTree } from "./tree-scan.ts";
import { verifyTree } from "./tree-verdict.ts";
import { TreeWriter } from "./tree-writer.ts";

/** How a tree is taken into staging. */
export interface AddTreeOptions {
  /** Replaces single default limits. */
  readonly limits?: Partial<TreeLimits> | undefined;
  /** Leaves out a path and everything below it, e.g. the `.git` of a local checkout. */
  readonly skip?: ((path: string) => boolean) | undefined;
  /** Refuses the tree for a link that would otherwise be left out with a warning. */
  readonly refuseLinks?: boolean | undefined;
}

/** A tree that is complete, hashed and readable, and becomes part of the store by `publish`. */
export interface StagedTree {
  readonly digest: Digest;
  /** Absolute; in staging until `publish`, or in the store when the tree was there already. */
  readonly directory: string;
  /** Sorted by path. */
  readonly members: readonly TreeMember[];
  /** Sum over all files. */
  readonly bytes: number;
  /** The store held this tree, every byte of it. */
  readonly existed: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

interface NewTree {
  readonly staged: StagedTree;
  readonly writer: TreeWriter;
}

/** A private directory on the store's volume where one verb builds trees and manifests; made by `Store.stage`. */
export class Staging {
  /** Absolute; mode 0700, gone after `dispose`. */
  readonly directory: string;
  readonly #home: Home;
  readonly #signal: AbortSignal;
  readonly #trees = new Map<Digest, NewTree>();
  readonly #manifests = new Set<Digest>();
  #count = 0;

  constructor(home: Home, directory: string, signal: AbortSignal) {
    this.#home = home;
    this.directory = directory;
    this.#signal = signal;
    for (const part of ["trees", "manifests", "members"]) mkdirSync(join(directory, part));
  }

  /**
   * Copies a tree in under the rules for members and limits (attacks.md AX09 to AX20, GT12, GT13), hashing what is written.
   * Throws `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_LIMIT_…`, `E_PATH_ESCAPE` (only with `refuseLinks`) and `E_IO`.
   */
  addTree(tree: FileTree, options: AddTreeOptions = {}): StagedTree {
    this.#signal.throwIfAborted();
    const directory = this.#next("trees");
    const writer = new TreeWriter(directory);
    const { members, links, bytes, diagnostics } = scanTree(tree, {
      limits: { ...DEFAULT_TREE_LIMITS, ...options.limits },
      skip: options.skip,
      refuseLinks: options.refuseLinks,
      signal: this.#signal,
      onFile: (path, content, executable) => writer.addFile(path, content, executable),
    });
    const digest = treeDigest(members);
    const known = this.#known(digest);
    if (known !== undefined) {
      if (writer.started) removeTree(directory);
      return { digest, ...known, members, bytes, diagnostics };
    }
    writer.finish(links);
    this.#write(join(this.directory, "members", `${digest}.json`), canonicalJson(members));
    const staged = { digest, directory, members, bytes, existed: false, diagnostics };
    this.#trees.set(digest, { staged, writer });
    return staged;
  }

  /** Takes a manifest in; equal manifests have equal digests whatever the order of their keys. */
  addManifest(manifest: PluginManifest): Digest {
    const text = canonicalJson(manifest);
    const digest = digestOf(text);
    if (this.#manifests.has(digest)) return digest;
    this.#write(join(this.directory, "manifests", `${digest}.json`), text);
    this.#manifests.add(digest);
    return digest;
  }

  /**
   * Makes everything added so far durable and moves it into the store; a tree that another process published meanwhile is
   * left as it is. After a failure the store may hold some of the trees, complete ones; publishing again does the rest.
   */
  async publish(): Promise<void> {
    if (this.#trees.size === 0 && this.#manifests.size === 0) return;
    let files = 2 * this.#trees.size + this.#manifests.size;
    for (const { writer, staged } of this.#trees.values()) {
      writer.seal();
      files += staged.members.length;
    }
    await syncDirectoryTree(this.directory, files, this.#signal);
    this.#signal.throwIfAborted();
    for (const digest of this.#manifests) {
      this.#move("manifests", digest, this.#home.manifests);
      this.#manifests.delete(digest);
    }
    for (const [digest, { staged }] of this.#trees) {
      this.#moveTree(staged);
      this.#move("members", digest, this.#home.members);
      this.#trees.delete(digest);
    }
    for (const directory of [this.#home.manifests, this.#home.members, this.#home.trees]) syncDirectory(directory);
  }

  /**
   * Removes the staging directory and whatever was not published. May be called more than once, and does not throw, so that
   * it neither hides another error nor makes a verb fail that has done its work: what stays is swept by a later process.
   */
  dispose(): void {
    try {
      removeTree(this.directory);
    } catch (error) {
      if (!isCodedError(error)) throw error;
    }
    this.#trees.clear();
    this.#manifests.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Where a tree of this digest is already: in this staging, or whole in the store. */
  #known(digest: Digest): { readonly directory: string; readonly existed: boolean } | undefined {
    const mine = this.#trees.get(digest);
    if (mine !== undefined) return { directory: mine.staged.directory, existed: false };
    const directory = join(this.#home.trees, digest);
    const verdict = verifyTree(digest, directory, join(this.#home.members, `${digest}.json`), "content");
    return verdict.ok ? { directory, existed: true } : undefined;
  }

  #moveTree({ digest, directory }: StagedTree): void {
    const target = join(this.#home.trees, digest);
    try {
      if (!renamed(directory, target)) {
        const verdict = verifyTree(digest, target, join(this.#home.members, `${digest}.json`), "content");
        if (verdict.ok) return;
        renameAway(target, this.#next("damaged"));
        if (!renamed(directory, target)) return;
      }
      chmodSync(target, 0o555);
    } catch (error) {
      throw ioError("move a tree to", target, error);
    }
  }

  #move(part: string, digest: Digest, directory: string): void {
    const target = join(directory, `${digest}.json`);
    try {
      renameSync(join(this.directory, part, `${digest}.json`), target);
    } catch (error) {
      throw ioError("move a file to", target, error);
    }
  }

  #write(path: string, text: string): void {
    try {
      writeFileSync(path, text, { flag: "wx", mode: 0o444 });
    } catch (error) {
      throw ioError("write", path, error);
    }
  }

  #next(part: string): string {
    this.#count += 1;
    return join(this.directory, part === "trees" ? part : ".", `${part[0] ?? ""}${this.#count}`);
  }
}

/** Renames a directory; `false` when the target is there already and not empty. */
function renamed(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOTEMPTY", "EEXIST", "ENOTDIR")) return false;
    throw error;
  }
}

/** Moves a damaged tree aside, which rename(2) allows only while the directory itself is writable. */
function renameAway(from: string, to: string): void {
  try {
    if (lstatSync(from).isDirectory()) chmodSync(from, 0o755);
    renameSync(from, to);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}
