import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { CodedError } from "../../../schemas/errors.ts";
import { ioError, isSystemError } from "../../../schemas/system-error.ts";
import type { WorkTree } from "../work-tree.ts";

const NAME = "plugsmith-release";

/**
 * Keeps other releases out of a repository until it is disposed: a second one would take the first one's edits for committed. A lock
 * whose process is gone counts for nothing. Throws `E_LOCKED`.
 */
export function lockRelease(repository: WorkTree): Disposable {
  const file = resolve(repository.directory, repository.run(["rev-parse", "--git-path", NAME]));
  if (!taken(file)) {
    const holder = holderOf(file);
    if (holder !== undefined) {
      throw new CodedError("E_LOCKED", `another release runs in this repository (process ${holder})`, {
        hint: "wait until it has ended",
        where: repository.directory,
      });
    }
    rmSync(file, { force: true });
    if (!taken(file)) return lockRelease(repository);
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

function taken(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw ioError("write", file, error);
  }
}

/** The live process that holds the lock. */
function holderOf(file: string): number | undefined {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    if (!Number.isSafeInteger(holder) || holder <= 0) return undefined;
    process.kill(holder, 0);
    return holder;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ESRCH")) return undefined;
    if (isSystemError(error, "EPERM")) return Number(readFileSync(file, "utf8"));
    throw ioError("read", file, error);
  }
}
