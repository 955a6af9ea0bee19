import { EMPTY_INTENT, type Intent, readIntent } from "../../schemas/plugins-json.ts";
import type { Home } from "../home.ts";
import { anchoredIntent, anchoredLock } from "../lock/portable-paths.ts";
import { parseLock } from "../lock/root-files.ts";
import { type Desired, NOTHING } from "./desired.ts";
import type { RootTexts } from "./history.ts";
import { pastRoot } from "./history.ts";
import type { RootState } from "./root-state.ts";

/** A root's past as something to resolve again: its intent and lock stand in for the present ones. */
export interface PreparedRollback extends Desired {
  readonly number: number;
  readonly texts: RootTexts;
  /** The root as it was, for resolving; never for comparing or committing. */
  readonly state: RootState;
}

/** Looks up where a rollback goes. Throws `E_NOT_FOUND` when there is nothing to go back to. */
export function prepareRollback(home: Home, state: RootState, to: number | undefined): PreparedRollback {
  const past = pastRoot(home, state, to);
  const { intent, lock } = state.shared;
  const { local } = state;
  const shared = intentOf(past.texts.intent, intent.path, state.base);
  const locked = anchoredLock(parseLock(past.texts.lock ?? "", lock.path), state.base);
  const localIntent = local === undefined ? undefined : intentOf(past.texts.local, local.path, state.base);
  return {
    number: past.number,
    texts: past.texts,
    shared,
    local: localIntent,
    ...NOTHING,
    renames: past.renames,
    notes: past.notes,
    state: {
      ...state,
      shared: { intent: { ...intent, value: shared }, lock: { ...lock, value: locked } },
      local: local === undefined || localIntent === undefined ? undefined : { ...local, value: localIntent },
      installed: new Map((past.closure?.plugins ?? []).map((plugin) => [plugin.id, plugin])),
    },
  };
}

function intentOf(text: string | null, path: string, base: string): Intent {
  return text === null ? EMPTY_INTENT : anchoredIntent(readIntent(text, path), base);
}
