import type { Diagnostic } from "../../schemas/diagnostic.ts";
import { readBytesIfPresent } from "../generations/state-files.ts";
import type { Home } from "../home.ts";
import { looksUnchanged } from "./lock-stamps.ts";

/**
 * What to tell a person who looks at a root whose lock is no longer the one that this machine's set was made from;
 * `undefined` when it is. `made` is the recorded digest, `""` for no lock.
 */
export async function staleLock(home: Home, root: string, path: string, made: string): Promise<Diagnostic | undefined> {
  if (made !== "" && looksUnchanged(home, root, path)) return undefined;
  const bytes = readBytesIfPresent(path);
  if (bytes === undefined && made === "") return undefined;
  // Hashing costs a start more than everything else that is looked at.
  const { digestOf } = await import("../../schemas/tree-digest.ts");
  if (bytes !== undefined && digestOf(bytes) === made) return undefined;
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
