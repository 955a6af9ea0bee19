import { posix } from "node:path";
import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { CodedError } from "../../schemas/errors.ts";
import { openingOf } from "../../schemas/file-opening.ts";
import type { FileTree, TreeEntry } from "../../schemas/formats/file-tree.ts";
import { digestOf, type TreeMember } from "../../schemas/tree-digest.ts";
import { checkMember, collisionKey, quoted, type TreeLimits } from "./member-rules.ts";

/** What `scanTree` is told. */
export interface TreeScanOptions {
  readonly limits: TreeLimits;
  /** Leaves out a path and everything below it, before any rule looks at it. */
  readonly skip?: ((path: string) => boolean) | undefined;
  /** Refuses the whole tree for a link that would be dropped (`--strict`, `refuseEscapingLinks`). */
  readonly refuseLinks?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Receives every file once; the scan does not touch `bytes` afterwards. */
  readonly onFile: (path: string, bytes: Uint8Array, executable: boolean) => void;
}

/** The members that a store tree has. */
export interface TreeScan {
  /** Sorted by path, code units. */
  readonly members: readonly TreeMember[];
  readonly links: readonly KeptLink[];
  /** Sum over all files. */
  readonly bytes: number;
  readonly diagnostics: readonly Diagnostic[];
}

/** A link that stays inside its tree; `target` is relative to the link's directory and passes through no other link. */
export interface KeptLink {
  readonly path: string;
  readonly target: string;
}

/**
 * Reads a whole tree under the rules for members: paths, collisions, limits and links (attacks.md AX09 to AX20, rule 6).
 * Throws `E_ARCHIVE_PATH`, `E_ARCHIVE_TYPE`, `E_LIMIT_ENTRIES`, `E_LIMIT_FILE`, `E_LIMIT_SIZE`, `E_LIMIT_PATH`, `E_NOT_FOUND`.
 */
export function scanTree(tree: FileTree, options: TreeScanOptions): TreeScan {
  return new Scan(tree, options).run();
}

class Scan {
  readonly #tree: FileTree;
  readonly #options: TreeScanOptions;
  readonly #members = new Map<string, TreeMember>();
  /** Directories that hold a file, so that they exist in the store. */
  readonly #directories = new Set<string>([""]);
  readonly #linkPaths: string[] = [];
  readonly #diagnostics: Diagnostic[] = [];
  #entries = 0;
  #bytes = 0;

  constructor(tree: FileTree, options: TreeScanOptions) {
    this.#tree = tree;
    this.#options = options;
  }

  run(): TreeScan {
    if (this.#tree.list("") === undefined) throw new CodedError("E_NOT_FOUND", "the plugin's directory does not exist");
    const pending = [{ directory: "", depth: 0 }];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      this.#options.signal?.throwIfAborted();
      for (const directory of this.#directory(next.directory, next.depth)) {
        pending.push({ directory, depth: next.depth + 1 });
      }
    }
    const links = this.#keepLinks();
    for (const { path, target } of links) this.#members.set(path, { kind: "link", path, target });
    const members = [...this.#members.values()].sort((left, right) => (left.path < right.path ? -1 : 1));
    return { members, links, bytes: this.#bytes, diagnostics: this.#diagnostics };
  }

  /** Takes the files of one directory; returns its subdirectories. */
  #directory(directory: string, depth: number): readonly string[] {
    const seen = new Map<string, string>();
    const below: string[] = [];
    for (const { name, kind } of this.#tree.list(directory) ?? []) {
      const path = directory === "" ? name : `${directory}/${name}`;
      if (this.#options.skip?.(path) === true) continue;
      this.#count();
      checkMember(path, name, depth + 1, this.#options.limits);
      const twin = seen.get(collisionKey(name));
      if (twin !== undefined) throw collision(path, twin);
      seen.set(collisionKey(name), path);
      if (kind === "directory") below.push(path);
      else if (kind === "file") this.#file(path);
      else if (kind === "link") this.#linkPaths.push(path);
      else throw notRegular(path, kind);
    }
    return below;
  }

  #file(path: string): void {
    const { fileBytes, totalBytes } = this.#options.limits;
    const node = this.#tree.stat(path);
    const bytes = node?.kind === "file" && node.path === path ? this.#tree.read(path, fileBytes) : undefined;
    if (node?.kind !== "file" || bytes === undefined) throw changed(path);
    if (bytes.length > fileBytes) {
      throw new CodedError("E_LIMIT_FILE", `the file ${quoted(path)} is larger than ${fileBytes} bytes`, {
        where: path,
      });
    }
    this.#bytes += bytes.length;
    if (this.#bytes > totalBytes) {
      throw new CodedError("E_LIMIT_SIZE", `the plugin's files are larger than ${totalBytes} bytes together`, {
        hint: "a directory such as `node_modules` or build output may have come along; leave it out of the plugin",
      });
    }
    const { executable } = node;
    const sha256 = digestOf(bytes);
    const opening = openingOf(bytes);
    this.#members.set(path, {
      kind: "file",
      path,
      executable,
      bytes: bytes.length,
      sha256: sha256.slice("sha256-".length),
      ...(opening !== undefined && { opening }),
    });
    this.#options.onFile(path, bytes, executable);
    this.#addParents(path);
  }

  #addParents(path: string): void {
    for (let parent = posix.dirname(path); parent !== "."; parent = posix.dirname(parent)) {
      if (this.#directories.has(parent)) return;
      this.#directories.add(parent);
    }
  }

  #count(): void {
    this.#entries += 1;
    const { entries } = this.#options.limits;
    if (this.#entries <= entries) return;
    throw new CodedError("E_LIMIT_ENTRIES", `the plugin has more than ${entries} files and directories`, {
      hint: "a directory such as `node_modules` or build output may have come along; leave it out of the plugin",
    });
  }

  /** Decides over the links once every file is known; a link into something that was left out is not kept. */
  #keepLinks(): readonly KeptLink[] {
    const kept: KeptLink[] = [];
    const toDirectories: DirectoryLink[] = [];
    // A link may lead to a directory that holds nothing but links, hence the rounds.
    let waiting: readonly string[] = this.#linkPaths.sort();
    for (let before = -1; before !== kept.length;) {
      before = kept.length;
      waiting = waiting.filter((path) => {
        const node = this.#tree.stat(path);
        if (node === undefined || node.kind === "refused-link") return true;
        if (this.#refusal(path, node.path, toDirectories) !== undefined) return true;
        if (node.kind === "directory") toDirectories.push({ path, target: node.path });
        kept.push({ path, target: posix.relative(posix.dirname(path), node.path) });
        this.#addParents(path);
        return false;
      });
    }
    for (const path of waiting) {
      const node = this.#tree.stat(path);
      if (node === undefined || node.kind === "refused-link") this.#drop(path, node?.target, node?.reason ?? "missing");
      else this.#drop(path, node.path, this.#refusal(path, node.path, toDirectories) ?? "missing");
    }
    return kept;
  }

  #refusal(path: string, target: string, others: readonly DirectoryLink[]): LinkProblem | undefined {
    if (this.#members.has(target)) return undefined;
    if (contains(target, path)) return "loops";
    if (!this.#directories.has(target)) return "missing";
    if (others.length >= MAX_DIRECTORY_LINKS) {
      throw new CodedError("E_LIMIT_ENTRIES", `the plugin has more than ${MAX_DIRECTORY_LINKS} links to directories`, {
        where: path,
        hint: "replace the links by copies of the directories",
      });
    }
    return makesLoop({ path, target }, others) ? "loops" : undefined;
  }

  #drop(path: string, target: string | undefined, problem: LinkProblem): void {
    const to = target === undefined ? "" : ` to ${quoted(target)}`;
    const message = `the link ${quoted(path)}${to} ${REASONS[problem]}`;
    if (this.#options.refuseLinks === true) {
      throw new CodedError("E_PATH_ESCAPE", message, { where: path, hint: "replace the link by a copy of the file" });
    }
    this.#diagnostics.push({
      code: "E_PATH_ESCAPE",
      severity: "warning",
      message: `${message}; it was left out`,
      file: path,
      hint: "replace the link by a copy of the file",
      dropped: "link",
    });
  }
}

interface DirectoryLink {
  readonly path: string;
  readonly target: string;
}

type LinkProblem = "escapes" | "loops" | "missing";

const REASONS: Readonly<Record<LinkProblem, string>> = {
  escapes: "leaves the plugin's directory",
  loops: "leads back to a directory that it lies in",
  missing: "points to nothing that the plugin contains",
};

/** Bounds the search for loops, whose steps grow with the square of this. */
const MAX_DIRECTORY_LINKS = 256;

/** Whether walking through `link` and the links kept before it would come back to where it began. */
function makesLoop(link: DirectoryLink, kept: readonly DirectoryLink[]): boolean {
  const pending = [link.target];
  const visited = new Set<string>();
  for (let target = pending.pop(); target !== undefined; target = pending.pop()) {
    if (contains(target, link.path)) return true;
    if (visited.has(target)) continue;
    visited.add(target);
    for (const other of kept) if (contains(target, other.path)) pending.push(other.target);
  }
  return false;
}

function contains(directory: string, path: string): boolean {
  return directory === "" || path.startsWith(`${directory}/`);
}

function collision(path: string, twin: string): CodedError {
  const same = path === twin;
  const message = same
    ? `the member ${quoted(path)} occurs twice`
    : `the members ${quoted(twin)} and ${quoted(path)} are one name on some file systems`;
  return new CodedError("E_ARCHIVE_PATH", message, {
    where: path,
    hint: "rename one of the two in the plugin's source",
  });
}

function notRegular(path: string, kind: TreeEntry["kind"]): CodedError {
  return new CodedError("E_ARCHIVE_TYPE", `${quoted(path)} is neither a file nor a directory (${kind})`, {
    where: path,
    hint: "remove sockets, pipes and devices from the plugin's directory",
  });
}

function changed(path: string): CodedError {
  return new CodedError("E_IO", `${quoted(path)} changed while the plugin was being copied`, {
    where: path,
    hint: "run the command again once nothing writes to the plugin's directory",
  });
}
