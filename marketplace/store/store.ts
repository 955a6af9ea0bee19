import { lstatSync, mkdirSync, mkdtempSync, readdirSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { isDigest, type Digest } from "../../schemas/lockfile.ts";
import type { PluginManifest } from "../../schemas/plugin-manifest.ts";
import type { Home } from "../home.ts";
import type { TreeMember } from "../../schemas/tree-digest.ts";
import { removeTree } from "./disk-tree.ts";
import { syncDirectory } from "./durable-file.ts";
import { makeFolders } from "./folders.ts";
import { IndexFile } from "./index-file.ts";
import { ioError, isSystemError } from "../../schemas/system-error.ts";
import { type PackagedTree, readPackagedTree } from "./packaged-record.ts";
import { isAlive, ownMark, splitMark } from "./process-mark.ts";
import { Staging } from "./staging.ts";
import { verifyTree, type TreeVerdict } from "./tree-verdict.ts";

/** The immutable trees of one home and the index of what is known about them, each named by its digest (DESIGN §4). */
export class Store {
  readonly #home: Home;
  readonly #indexFile: IndexFile;

  constructor(home: Home) {
    this.#home = home;
    this.#indexFile = new IndexFile(home.index);
  }

  /** Whether a tree of that name lies in the store; its content is not looked at. */
  has(tree: Digest): boolean {
    return lstatSync(this.directory(tree), { throwIfNoEntry: false })?.isDirectory() === true;
  }

  /** The absolute path of a tree, whether or not it is there. Throws `E_STATE_CORRUPT` for what is no digest. */
  directory(tree: Digest): string {
    return `${this.#home.trees}${sep}${named(tree)}`;
  }

  /** The digests of all trees, sorted. */
  trees(): readonly Digest[] {
    return listNames(this.#home.trees).filter(isDigest).sort();
  }

  /** The canonical manifest of that digest. Throws `E_STATE_CORRUPT` when it is missing or was changed. */
  readManifest(digest: Digest): PluginManifest {
    const manifest = this.findManifest(digest);
    if (manifest !== undefined && manifest !== "damaged") return manifest;
    throw new CodedError(
      "E_STATE_CORRUPT",
      `the stored manifest \`${digest}\` ${manifest === undefined ? "is missing" : "was changed"}`,
      {
        where: this.#home.index,
        hint: "run `plugin sync` to fetch the plugin again",
      },
    );
  }

  /** The canonical manifest of that digest; `undefined` when it is missing. */
  findManifest(digest: Digest): PluginManifest | "damaged" | undefined {
    return this.#indexFile.index.manifest(named(digest));
  }

  /** What inspecting a tree under a manifest found, as it was handed to `Staging`; `undefined` when it is missing. */
  inspection(tree: Digest, manifest: Digest): string | undefined {
    return this.#indexFile.index.text("inspection", `${tree}.${manifest}`);
  }

  /** The tree that was built of another one and its npm packages on a platform; `undefined` when there is none. */
  packagedTree(tree: Digest, platform: string): PackagedTree | undefined {
    return readPackagedTree(this.#indexFile.index.text("packages", `${tree}.${platform}`));
  }

  /**
   * Opens a private place on the store's volume in which new trees are built; the caller disposes it. What killed processes
   * left of theirs is removed first.
   */
  stage(signal: AbortSignal, report?: (diagnostic: Diagnostic) => void): Staging {
    signal.throwIfAborted();
    for (const diagnostic of this.sweep()) report?.(diagnostic);
    const { trees, staging } = this.#home;
    makeDirectory(trees);
    try {
      mkdirSync(staging, { recursive: true, mode: 0o700 });
      return new Staging(this.#home, this.#indexFile, mkdtempSync(join(staging, `${ownMark()}-`)), signal);
    } catch (error) {
      throw ioError("create a staging directory in", staging, error);
    }
  }

  /** Compares every byte of a tree with its digest, or only which files exist with which size when `depth` is `sizes`. */
  verify(tree: Digest, depth: "content" | "sizes" = "content"): TreeVerdict {
    return verifyTree(tree, this.directory(tree), this.#indexFile.index, depth);
  }

  /** What a tree was made of when it was published; `undefined` when that is not known. */
  members(tree: Digest): readonly TreeMember[] | undefined {
    return this.#indexFile.index.members(tree);
  }

  /** What dead processes left in staging: absolute paths. */
  deadStaging(): readonly string[] {
    return listNames(this.#home.staging).flatMap((name) => {
      const mark = splitMark(name)?.mark;
      return mark === undefined || isAlive(mark) ? [] : [join(this.#home.staging, name)];
    });
  }

  /** Removes what dead processes left in staging; returns what could not be removed. */
  sweep(): readonly Diagnostic[] {
    const diagnostics: Diagnostic[] = [];
    for (const path of this.deadStaging()) {
      try {
        removeTree(path);
      } catch (error) {
        const { message, hint } = ioError("remove", path, error);
        diagnostics.push({ code: "E_IO", severity: "warning", message, file: path, hint });
      }
    }
    return diagnostics;
  }
}

/** Creates a directory whose own name is durable too. */
function makeDirectory(directory: string): void {
  try {
    const [first] = makeFolders(directory);
    if (first === undefined) return;
    for (let parent = dirname(directory); parent.length >= dirname(first).length; parent = dirname(parent)) {
      syncDirectory(parent);
      if (parent === dirname(parent)) return;
    }
  } catch (error) {
    throw ioError("create", directory, error);
  }
}

/** A digest from a file of ours becomes part of a path, so its form is checked here, at the one place where that happens. */
function named(digest: Digest): Digest {
  if (isDigest(digest)) return digest;
  throw new CodedError("E_STATE_CORRUPT", `\`${String(digest).slice(0, 80)}\` is not a digest`, {
    hint: "run `plugin verify` to see which state file is damaged",
  });
}

function listNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw ioError("list", directory, error);
  }
}
