import type { Generation, GenerationPlugin, RootClosure } from "../../schemas/generation.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { readCurrent } from "../generations/generations.ts";
import type { LoadedFile, LoadedLock } from "../lock/root-files.ts";
import { loadIntent, loadLock, rootFiles } from "../lock/root-files.ts";
import type { Home } from "../home.ts";
import type { Target } from "./change.ts";

/** The key of the user's root in generations. */
export const USER_ROOT = "user";

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
  const key = target.directory ?? USER_ROOT;
  const generation = readCurrent(home);
  const closure = generation?.roots[key];
  return {
    target,
    key,
    base: target.directory ?? home.directory,
    shared: { intent: loadIntent(files.intent), lock: loadLock(files.lock) },
    local: files.local === undefined ? undefined : loadIntent(files.local),
    generation,
    closure,
    installed: new Map((closure?.plugins ?? []).map((plugin) => [plugin.id, plugin])),
  };
}

/** Whether the project's lock is another one than the set of this machine was made from (somebody pulled). */
export function isStale(state: RootState): boolean {
  const { digest } = state.shared.lock;
  if (digest === "absent") return (state.closure?.lockDigest ?? "") !== "";
  return state.closure?.lockDigest !== digest;
}
