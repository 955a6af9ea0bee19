import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ioError } from "../../schemas/system-error.ts";
import { isAlive, ownMark, splitMark } from "../store/process-mark.ts";

/** Says that this process has a git at work in a cached repository, so that others can tell its locks from those of the dead. */
export class CacheClaim {
  readonly #gitDirectory: string;
  readonly #directory: string;
  readonly #name = `${ownMark()}-${randomBytes(4).toString("hex")}`;

  constructor(gitDirectory: string) {
    this.#gitDirectory = gitDirectory;
    this.#directory = join(gitDirectory, "claims");
    try {
      mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
      writeFileSync(join(this.#directory, this.#name), "");
    } catch (error) {
      throw ioError("claim", gitDirectory, error);
    }
  }

  /** Removes the lock files that a killed git left, unless somebody who lives may hold one. */
  breakOrphanedLocks(): void {
    for (const name of readdirSync(this.#directory)) {
      if (name === this.#name) continue;
      const mark = splitMark(name)?.mark;
      if (mark !== undefined && isAlive(mark)) return;
      rmSync(join(this.#directory, name), { force: true });
    }
    for (const name of readdirSync(this.#gitDirectory, { recursive: true, encoding: "utf8" })) {
      if (name.endsWith(".lock")) rmSync(join(this.#gitDirectory, name), { force: true });
    }
  }

  [Symbol.dispose](): void {
    rmSync(join(this.#directory, this.#name), { force: true });
  }
}
