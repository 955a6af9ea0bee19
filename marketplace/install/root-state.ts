import { CodedError } from "../../schemas/errors.ts";
import type { Generation, GenerationPlugin, RootClosure } from "../../schemas/generation.ts";
import { placeOf } from "../../schemas/json-text.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { readCurrent } from "../generations/generations.ts";
import type { LoadedFile, LoadedLock } from "../lock/root-files.ts";
import { anchoredIntent, anchoredLock } from "../lock/portable-paths.ts";
import { loadIntent, loadLock, rootFiles } from "../lock/root-files.ts";
import type { Home } from "../home.ts";
import type { Change, Target } from "./change.ts";
import { disagreement } from "./lock-agreement.ts";

/** Everything a root is made of, read once at the start of a verb. */
export interface RootState {
  readonly target: Target;
  /** `user` or the project's real path. */
  readonly key: string;
  /** Directory that relative paths in the intent start from. */
  readonly base: string;
  readonly shared: { readonly intent: LoadedFile<Intent>; readonly lock: LoadedLock };
  /** A project's private picks; absent for `user`. */
  readonly local: LoadedFile<Intent> | undefined;
  readonly generation: Generation | undefined;
  readonly closure: RootClosure | undefined;
  /** Installed plugins by id, whatever their scope. */
  readonly installed: ReadonlyMap<string, GenerationPlugin>;
}

/** Reads a root's files and its part of the current generation. Throws `E_STATE_CORRUPT`, `E_SCHEMA`, `E_SCHEMA_NEWER`. */
export function loadRoot(home: Home, target: Target): RootState {
  const files = rootFiles(home, target);
  const { key } = files;
  const generation = readCurrent(home);
  const closure = generation?.roots[key];
  const base = target.scope === "user" ? home.directory : key;
  const intentAt = (path: string): LoadedFile<Intent> => {
    const file = loadIntent(path);
    return { ...file, value: anchoredIntent(file.value, base) };
  };
  const lock = loadLock(files.lock);
  return {
    target,
    key,
    base,
    shared: { intent: intentAt(files.intent), lock: { ...lock, value: anchoredLock(lock.value, base) } },
    local: files.local === undefined ? undefined : intentAt(files.local),
    generation,
    closure,
    installed: new Map((closure?.plugins ?? []).map((plugin) => [plugin.id, plugin])),
  };
}

/**
 * Refuses a verb that would build on a set which this machine does not run: the lock holds the markers of a merge, or is
 * not the one that the set was made from, because somebody pulled. Only `sync` mends the one, `sync`, `add` and `import` the other.
 * Throws `E_STATE_CORRUPT` and `E_STALE`.
 */
export function refuseUnsynced(state: RootState, change: Change): void {
  const { problem, path } = state.shared.lock;
  const isSync = change.verb === "sync";
  if (problem !== undefined && (!isSync || change.frozen)) {
    const hint = "run `plugin sync` first, it solves the lock anew";
    const { line, column = 1 } = problem;
    const where = line === undefined ? path : placeOf(path, { line, column });
    throw new CodedError("E_STATE_CORRUPT", problem.message, { where, hint });
  }
  if (isSync || change.verb === "add" || change.verb === "import" || !isStale(state)) return;
  throw new CodedError("E_STALE", "the lock is not the one that this machine's set was made from", {
    where: path,
    hint: "run `plugin sync` first",
  });
}

/** Refuses to add to a lock that does not answer its intent. Throws `E_STALE`. */
export function requireSynced({ shared: { intent, lock }, base }: RootState): void {
  const problem = disagreement(intent.value, lock.value, base);
  if (problem === undefined) return;
  throw new CodedError("E_STALE", `intent and lock disagree: ${problem}`, {
    where: lock.path,
    hint: "run `plugin sync` first",
  });
}

function isStale(state: RootState): boolean {
  const { digest } = state.shared.lock;
  return (state.closure?.lockDigest ?? "") !== (digest === "absent" ? "" : digest);
}
