import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { digestOf } from "../../schemas/tree-digest.ts";
import { readBytesIfPresent } from "../generations/state-files.ts";

/**
 * What to tell a person who looks at a root whose lock is no longer the one that this machine's set was made from;
 * `undefined` when it is. `made` is the recorded digest, `""` for no lock.
 */
export function staleLock(path: string, made: string): Diagnostic | undefined {
  const bytes = readBytesIfPresent(path);
  if ((bytes === undefined ? "" : digestOf(bytes)) === made) return undefined;
  const isConflicted = bytes !== undefined && /^<{7}(?: |$)/m.test(bytes.toString("latin1"));
  return {
    code: "E_STALE",
    severity: "warning",
    message: isConflicted
      ? "the lock holds the conflict markers of a merge; shown is the set from before it"
      : `the lock ${bytes === undefined ? "is gone" : "was changed"} since this machine's set was made from it; shown is the old set`,
    file: path,
    hint: "run `plugin sync`",
  };
}
