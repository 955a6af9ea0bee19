import { dirname } from "node:path";
import type { Syscall } from "./syscalls.ts";

/**
 * What a power cut could still take, worked out from a trace: content that was written and names that were made since the last
 * sync that covers them. A removal that is lost is harmless to us: whatever is removed is removed again.
 */
export class DirtyDisk {
  readonly #contents = new Set<string>();
  readonly #names = new Set<string>();
  readonly #existed: (path: string) => boolean;

  /** `existed` says what was there, durably, before the trace. */
  constructor(existed: (path: string) => boolean) {
    this.#existed = existed;
  }

  /** Paths whose content or name is not safe yet. */
  get unsafe(): readonly string[] {
    return [...new Set([...this.#contents, ...this.#names])].sort();
  }

  /** Carries one call out; those that failed change nothing. */
  apply({ name, paths: [path = "", target = ""], line }: Syscall): void {
    if (/\) += -1 /u.test(line)) return;
    if (name === "openat" && line.includes("O_CREAT") && !this.#existed(path)) this.#names.add(path);
    else if (name === "mkdir" || name === "symlink") this.#names.add(name === "symlink" ? linkOf(path, target) : path);
    else if (name === "write" || name === "pwrite64") this.#contents.add(path);
    else if (name === "rename") this.#move(path, target);
    else if (name === "unlink" || name === "rmdir") this.#forget((each) => each === path);
    else if (name === "syncfs") this.#forget(() => true);
    else if (name === "fsync" || name === "fdatasync") {
      this.#contents.delete(path);
      for (const each of this.#names) if (dirname(each) === path) this.#names.delete(each);
    }
  }

  #move(from: string, to: string): void {
    for (const set of [this.#contents, this.#names]) {
      for (const each of set) {
        if (each !== from && !each.startsWith(`${from}/`)) continue;
        set.delete(each);
        set.add(to + each.slice(from.length));
      }
    }
    this.#names.add(to);
  }

  #forget(matches: (path: string) => boolean): void {
    for (const set of [this.#contents, this.#names]) for (const each of set) if (matches(each)) set.delete(each);
  }
}

/** A link whose target is relative has one path in the trace, its own. */
function linkOf(first: string, second: string): string {
  return second === "" ? first : second;
}
