import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ioError } from "../../schemas/system-error.ts";

/** Contents up to this size wait in memory until it is known whether the store has the tree already. */
const MAX_PENDING_BYTES = 8 * 1024 * 1024;

interface PendingFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly executable: boolean;
}

/** Writes one tree into a private directory; paths are POSIX, relative and already checked. */
export class TreeWriter {
  readonly #root: string;
  readonly #directories = new Set<string>();
  #pending: PendingFile[] = [];
  #pendingBytes = 0;
  #started = false;

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether anything was written to the disk. */
  get started(): boolean {
    return this.#started;
  }

  /** Takes a file; `bytes` must not be changed by the caller any more. */
  addFile(path: string, bytes: Uint8Array, executable: boolean): void {
    this.#pending.push({ path, bytes, executable });
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > MAX_PENDING_BYTES) this.#flush();
  }

  /** Writes what is left; files become 0444 or 0555 from the start, directories stay writable until `seal`. */
  finish(links: readonly { readonly path: string; readonly target: string }[]): void {
    this.#flush();
    for (const { path, target } of links) {
      this.#makeParents(path);
      this.#attempt(path, (absolute) => symlinkSync(target, absolute));
    }
  }

  /** Makes every directory but the root read-only; the root must stay writable until it is in its place (rename(2)). */
  seal(): void {
    for (const path of this.#directories) {
      if (path !== "") this.#attempt(path, (absolute) => chmodSync(absolute, 0o555));
    }
  }

  #flush(): void {
    this.#makeDirectory("");
    for (const { path, bytes, executable } of this.#pending) {
      this.#makeParents(path);
      const options = { flag: "wx", mode: executable ? 0o555 : 0o444 };
      this.#attempt(path, (absolute) => writeFileSync(absolute, bytes, options));
    }
    this.#pending = [];
    this.#pendingBytes = 0;
  }

  #makeParents(path: string): void {
    for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
      this.#makeDirectory(path.slice(0, slash));
    }
  }

  #makeDirectory(path: string): void {
    if (this.#directories.has(path)) return;
    this.#started = true;
    this.#attempt(path, (absolute) => mkdirSync(absolute, 0o755));
    this.#directories.add(path);
  }

  #attempt(path: string, write: (absolute: string) => void): void {
    const absolute = join(this.#root, path);
    try {
      write(absolute);
    } catch (error) {
      throw ioError("write", absolute, error);
    }
  }
}
