import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
} from "node:fs";
import { isSystemError, ioError } from "../../schemas/system-error.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { FileTree, TreeEntry, TreeNode } from "../../schemas/formats/file-tree.ts";

/** Size above which `read` refuses when its caller names no limit (attacks.md, default limits). */
const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** As many links as the kernel itself follows before it answers ELOOP. */
const MAX_LINK_HOPS = 40;

/** Absent: nothing lies there, or something on the way is no directory. */
const ABSENT_CODES: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ENAMETOOLONG"]);

type EntryKind = TreeEntry["kind"];
type RefusedLink = Extract<TreeNode, { readonly kind: "refused-link" }>;

/** A path after every link on it was followed inside the root. */
type Resolution = Resolved | RefusedLink | undefined;

interface Resolved {
  readonly kind: Exclude<EntryKind, "link">;
  readonly path: string;
}

interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly kinds: ReadonlyMap<string, EntryKind>;
}

/**
 * Opens a directory as a `FileTree` that reads lazily and remembers what it listed.
 *
 * Every component of a path is looked up in the listing of its parent, so a link is always seen and never followed by the
 * operating system; names match exactly, also on file systems that ignore case. `stat` answers with the path after links.
 * A link is refused when it is absolute, leaves the root at any step, passes through `.git`, loops or points nowhere.
 * Throws `E_NOT_FOUND` when the directory is absent and `E_IO` when the system refuses a look at something that exists.
 */
export function openDirectoryTree(absolutePath: string): FileTree {
  return new DiskFileTree(rootOf(absolutePath));
}

function rootOf(absolutePath: string): string {
  try {
    const root = realpathSync.native(absolutePath);
    if (lstatSync(root).isDirectory()) return root === "/" ? "" : root;
  } catch (error) {
    if (!isSystemError(error) || !ABSENT_CODES.has(error.code)) throw ioError("open", absolutePath, error);
  }
  throw new CodedError("E_NOT_FOUND", `\`${absolutePath}\` is not a directory that exists`, { where: absolutePath });
}

class DiskFileTree implements FileTree {
  readonly #root: string;
  readonly #listings = new Map<string, Listing | undefined>();
  readonly #files = new Map<string, TreeNode>();

  constructor(root: string) {
    this.#root = root;
  }

  list(directory: string): readonly TreeEntry[] | undefined {
    const found = this.#resolve(directory);
    return found?.kind === "directory" ? this.#listing(found.path)?.entries : undefined;
  }

  stat(path: string): TreeNode | undefined {
    const found = this.#resolve(path);
    if (found === undefined || found.kind === "refused-link") return found;
    if (found.kind === "directory") return { kind: "directory", path: found.path };
    if (found.kind === "other") return undefined;
    const node = this.#files.get(found.path) ?? this.#fileNode(found.path);
    if (node !== undefined) this.#files.set(found.path, node);
    return node;
  }

  read(path: string, maxBytes: number = DEFAULT_MAX_BYTES): Uint8Array | undefined {
    const found = this.#resolve(path);
    if (found?.kind !== "file") return undefined;
    const file = this.#absolute(found.path);
    const descriptor = openContained(file);
    if (descriptor === undefined) return undefined;
    try {
      return readAll(descriptor, found.path, maxBytes);
    } catch (error) {
      throw isSystemError(error) ? ioError("read", file, error) : error;
    } finally {
      closeSync(descriptor);
    }
  }

  #absolute(path: string): string {
    return `${this.#root}/${path}`;
  }

  #fileNode(path: string): TreeNode | undefined {
    const file = this.#absolute(path);
    try {
      const stats = lstatSync(file);
      return stats.isFile()
        ? { kind: "file", path, bytes: stats.size, executable: (stats.mode & 0o111) !== 0 }
        : undefined;
    } catch (error) {
      if (isSystemError(error) && ABSENT_CODES.has(error.code)) return undefined;
      throw ioError("look at", file, error);
    }
  }

  #listing(directory: string): Listing | undefined {
    if (this.#listings.has(directory)) return this.#listings.get(directory);
    const listing = readListing(this.#absolute(directory));
    this.#listings.set(directory, listing);
    return listing;
  }

  /** Walks like the kernel does, but never above the root; the answer depends on nothing but the path and the disk. */
  #resolve(path: string): Resolution {
    const pending = path === "" ? [] : path.split("/").toReversed();
    let current = "";
    let kind: Resolved["kind"] = "directory";
    let hops = 0;
    /** The link of the asked path that is being followed; names below `rest` in `pending` are no part of its target. */
    let link: { readonly path: string; readonly target: string; readonly rest: number } | undefined;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (link !== undefined && pending.length < link.rest) link = undefined;
      const refused = (reason: RefusedLink["reason"]): Resolution =>
        link === undefined ? undefined : { kind: "refused-link", path: link.path, target: link.target, reason };
      if (kind !== "directory") return refused("missing");
      if (name === "" || name === ".") continue;
      if (name === "..") {
        if (current === "") return refused("escapes");
        current = current.slice(0, Math.max(0, current.lastIndexOf("/")));
        continue;
      }
      if (link !== undefined && isGitDirectory(name)) return refused("escapes");
      const entry = this.#listing(current)?.kinds.get(name);
      if (entry === undefined) return refused("missing");
      const next = current === "" ? name : `${current}/${name}`;
      if (entry !== "link") {
        current = next;
        kind = entry;
        continue;
      }
      const target = readLink(this.#absolute(next));
      if (target === undefined) return refused("missing");
      link ??= { path: next, target, rest: pending.length };
      hops += 1;
      if (hops > MAX_LINK_HOPS) return refused("loops");
      if (target.startsWith("/") || isWindowsAbsolute(target)) return refused("escapes");
      pending.push(...target.split("/").toReversed());
    }
    return { kind, path: current };
  }
}

/** `.git` in every spelling that some file system takes for it (attacks.md GT12, GT13). */
function isGitDirectory(name: string): boolean {
  return name.toLowerCase() === ".git" || name.toLowerCase() === "git~1";
}

function isWindowsAbsolute(target: string): boolean {
  return process.platform === "win32" && (/^[A-Za-z]:/.test(target) || target.includes("\\"));
}

function readListing(directory: string): Listing | undefined {
  try {
    const kinds = new Map<string, EntryKind>();
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const kind = entry.isFile()
        ? "file"
        : entry.isDirectory()
          ? "directory"
          : entry.isSymbolicLink()
            ? "link"
            : "other";
      kinds.set(entry.name, kind);
    }
    const names = [...kinds].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    return { entries: names.map(([name, kind]) => ({ name, kind })), kinds };
  } catch (error) {
    if (isSystemError(error) && ABSENT_CODES.has(error.code)) return undefined;
    throw ioError("list", directory, error);
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isSystemError(error) && (error.code === "ENOENT" || error.code === "EINVAL")) return undefined;
    throw ioError("read the link", path, error);
  }
}

/**
 * Opens a file whose path holds no link; `undefined` when that is no longer so.
 * `O_NOFOLLOW` guards the last component; on Linux the descriptor is asked where it really is, which guards the others
 * against a directory that was swapped for a link after it was listed.
 */
function openContained(file: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (isSystemError(error) && (ABSENT_CODES.has(error.code) || error.code === "ELOOP" || error.code === "ENXIO"))
      return undefined;
    throw ioError("open", file, error);
  }
  if (process.platform !== "linux" || (readLink(`/proc/self/fd/${descriptor}`) ?? file) === file) return descriptor;
  closeSync(descriptor);
  return undefined;
}

function readAll(descriptor: number, path: string, maxBytes: number): Uint8Array | undefined {
  const stats = fstatSync(descriptor);
  if (!stats.isFile()) return undefined;
  if (stats.size > maxBytes) {
    throw new CodedError(
      "E_LIMIT_FILE",
      `\`${path}\` has ${stats.size} bytes, and at most ${maxBytes} are read of it`,
      { where: path },
    );
  }
  const buffer = Buffer.allocUnsafe(stats.size);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(descriptor, buffer, length, buffer.length - length, null);
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}
