import { chmodSync, lstatSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { isCodedError } from "../../schemas/errors.ts";
import type { FileTree } from "../../schemas/formats/file-tree.ts";
import { memoryTree, type MemoryFile } from "../../schemas/formats/memory-tree.ts";
import type { Digest } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import { storeRecord, type StoreRecordKind } from "../../schemas/store-index.ts";
import { digestOf, treeDigest, type TreeMember } from "../../schemas/tree-digest.ts";
import type { Home } from "../home.ts";
import { canonicalJson } from "../../schemas/canonical-json.ts";
import { removeTree } from "./disk-tree.ts";
import { syncDirectory } from "./durable-file.ts";
import { syncTrees } from "./file-system-sync.ts";
import type { IndexFile } from "./index-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { DEFAULT_TREE_LIMITS, type TreeLimits } from "./member-rules.ts";
import { type PackagedTree, packagedTreeText } from "./packaged-record.ts";
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
  /** Keeps the list of its files, which may be very long, out of the index: damage is noticed all the same, but not named. */
  readonly unlisted?: boolean | undefined;
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

/** A staged tree that can still be read without the disk. */
export interface AddedTree extends StagedTree {
  /** The very bytes that were hashed and written; absent when they are more than should wait in memory. */
  readonly content?: FileTree | undefined;
}

/** Trees up to this size are handed back in memory too. */
const MAX_CONTENT_BYTES = 8 * 1024 * 1024;

interface NewTree {
  readonly staged: StagedTree;
  readonly writer: TreeWriter;
}

/** A private directory on the store's volume where one verb builds trees, with what the index will say about them; made by `Store.stage`. */
export class Staging {
  /** Absolute; mode 0700, gone after `dispose`. */
  readonly directory: string;
  readonly #home: Home;
  readonly #indexFile: IndexFile;
  readonly #signal: AbortSignal;
  readonly #trees = new Map<Digest, NewTree>();
  /** `<kind> <name>` → the line that the index lacks. */
  readonly #records = new Map<string, string>();
  #count = 0;

  constructor(home: Home, indexFile: IndexFile, directory: string, signal: AbortSignal) {
    this.#home = home;
    this.#indexFile = indexFile;
    this.directory = directory;
    this.#signal = signal;
  }

  /**
   * Copies a tree in under the rules for members and limits (attacks.md AX09 to AX20, GT12, GT13), hashing what is written.
   * Throws `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_LIMIT_…`, `E_PATH_ESCAPE` (only with `refuseLinks`) and `E_IO`.
   */
  addTree(tree: FileTree, options: AddTreeOptions = {}): AddedTree {
    this.#signal.throwIfAborted();
    const directory = this.#next("tree");
    const writer = new TreeWriter(directory);
    const files: [string, MemoryFile][] = [];
    let held = 0;
    const { members, links, bytes, diagnostics } = scanTree(tree, {
      limits: { ...DEFAULT_TREE_LIMITS, ...options.limits },
      skip: options.skip,
      refuseLinks: options.refuseLinks,
      signal: this.#signal,
      onFile: (path, text, executable) => {
        writer.addFile(path, text, executable);
        held += text.length;
        if (held <= MAX_CONTENT_BYTES) files.push([path, { text, executable }]);
        else files.length = 0;
      },
    });
    for (const { path, target } of links) files.push([path, { link: target }]);
    const content = held <= MAX_CONTENT_BYTES ? memoryTree(Object.fromEntries(files)) : undefined;
    const digest = treeDigest(members);
    if (options.unlisted !== true) this.#record("members", digest, canonicalJson(members));
    const known = this.#known(digest);
    if (known !== undefined) {
      if (writer.started) removeTree(directory);
      return { digest, ...known, members, bytes, diagnostics, content };
    }
    writer.finish(links);
    const staged = { digest, directory, members, bytes, existed: false, diagnostics };
    this.#trees.set(digest, { staged, writer });
    return { ...staged, content };
  }

  /** Takes a manifest in; equal manifests have equal digests whatever the order of their keys. */
  addManifest(manifest: PluginManifest): Digest {
    const text = canonicalJson(manifest);
    const digest = digestOf(text);
    this.#record("manifest", digest, text);
    return digest;
  }

  /** Takes in what inspecting a tree under a manifest found: one line of JSON with its line end. */
  addInspection(tree: Digest, manifest: Digest, json: string): void {
    this.#record("inspection", `${tree}.${manifest}`, json);
  }

  /** Takes in that a tree was built of another one and its npm packages on a platform. */
  addPackagedTree(source: Digest, platform: string, packaged: PackagedTree): void {
    this.#record("packages", `${source}.${platform}`, packagedTreeText(packaged));
  }

  /**
   * Makes everything added so far durable and moves it into the store; a tree that another process published meanwhile is
   * left as it is. After a failure the store may hold some of the trees, complete ones; publishing again does the rest.
   */
  async publish(): Promise<void> {
    for (const { writer } of this.#trees.values()) writer.seal();
    await syncTrees(
      [...this.#trees.values()].map(({ staged }) => staged),
      this.#signal,
    );
    this.#signal.throwIfAborted();
    const isMoving = this.#trees.size > 0;
    for (const [digest, { staged }] of this.#trees) {
      this.#moveTree(staged);
      this.#trees.delete(digest);
    }
    if (isMoving) syncDirectory(this.#home.trees);
    this.#indexFile.append([...this.#records.values()]);
    this.#records.clear();
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
    this.#records.clear();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Where a tree of this digest is already: in this staging, or whole in the store. */
  #known(digest: Digest): { readonly directory: string; readonly existed: boolean } | undefined {
    const mine = this.#trees.get(digest);
    if (mine !== undefined) return { directory: mine.staged.directory, existed: false };
    const directory = join(this.#home.trees, digest);
    const verdict = verifyTree(digest, directory, this.#indexFile.index, "content");
    return verdict.ok ? { directory, existed: true } : undefined;
  }

  #moveTree({ digest, directory }: StagedTree): void {
    const target = join(this.#home.trees, digest);
    try {
      if (!renamed(directory, target)) {
        const verdict = verifyTree(digest, target, this.#indexFile.index, "content");
        if (verdict.ok) return;
        renameAway(target, this.#next("damaged"));
        if (!renamed(directory, target)) return;
      }
      chmodSync(target, 0o555);
    } catch (error) {
      throw ioError("move a tree to", target, error);
    }
  }

  #record(kind: StoreRecordKind, name: string, json: string): void {
    if (this.#indexFile.index.text(kind, name) === json) return;
    this.#records.set(`${kind} ${name}`, storeRecord(kind, name, json));
  }

  #next(part: string): string {
    this.#count += 1;
    return join(this.directory, `${part}-${this.#count}`);
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
