import type { Intent, IntentPlugin } from "../../schemas/plugins-json.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { GraphNode } from "../plan/graph.ts";
import type { Services } from "../services.ts";
import { Store } from "../store/store.ts";
import type { Change } from "./change.ts";
import { checkComponent } from "./components.ts";
import { desireUpdate } from "./desire-update.ts";
import { type Desired, NOTHING } from "./desired.ts";
import { notInstalled } from "./not-installed.ts";
import { lookUp } from "./requests.ts";
import { requireSynced, type RootState } from "./root-state.ts";
import { withAdditions, withComponent, withDisabled, withEnabled, withRemovals } from "./wanted.ts";

/** Every change but those that take their root from elsewhere: history, or a bundle. */
export type IntentChange = Exclude<Change, { readonly verb: "rollback" | "import" }>;

/** Computes what a verb wants; may refresh catalogs, writes nothing. */
export async function desire(
  state: RootState,
  change: IntentChange,
  catalogs: Catalogs,
  services: Services,
): Promise<Desired> {
  const shared = state.shared.intent.value;
  const local = state.local?.value;
  const keep: Desired = { ...NOTHING, shared, local };
  switch (change.verb) {
    case "add": {
      const own = state.target.scope === "local" && local !== undefined ? local : shared;
      const { additions, notes } = await lookUp(change.requests, own, state.base, catalogs, services);
      const asked = new Set(additions.map((addition) => addition.id));
      const ranged = additions.flatMap(({ id, range, path }) =>
        range === undefined && path === undefined ? [] : [id],
      );
      const open = additions.filter(({ id, enabled }) => enabled === undefined && own.plugins[id] === undefined);
      const fresh = new Set(open.map(({ id }) => id));
      return { ...inScope(keep, state, withAdditions(own, additions)), asked, fresh, unlocked: new Set(ranged), notes };
    }
    case "remove": {
      const scoped = splitByScope(change.ids, keep, state);
      return {
        ...keep,
        shared: withRemovals(shared, scoped.shared, state.installed),
        local: local === undefined ? undefined : withRemovals(local, scoped.local, localNodes(state)),
        asked: new Set(change.ids),
      };
    }
    case "enable":
    case "disable":
      return { ...switched(keep, state, change, new Store(services.home)), asked: new Set(change.ids) };
    case "update":
      return desireUpdate(keep, change.ids, state, catalogs, services);
    case "sync":
      return { ...keep, frozen: change.frozen };
    case "lock-tools":
      requireSynced(state);
      return { ...keep, frozen: true, pins: change.pins, notes: change.notes };
    default:
      return change satisfies never;
  }
}

function inScope(keep: Desired, state: RootState, intent: Intent): Desired {
  return state.target.scope === "local" ? { ...keep, local: intent } : { ...keep, shared: intent };
}

/** Which file of a root a verb means for each id: that of its scope, or every one that wants the plugin. */
function splitByScope(
  ids: readonly string[],
  keep: Desired,
  state: RootState,
): { readonly shared: string[]; readonly local: string[] } {
  const split: { shared: string[]; local: string[] } = { shared: [], local: [] };
  for (const id of ids) {
    const isLocal = keep.local?.plugins[id] !== undefined || state.installed.get(id)?.scope === "local";
    if (isLocal) split.local.push(id);
    if (!isLocal || (state.target.scope !== "local" && keep.shared.plugins[id] !== undefined)) split.shared.push(id);
  }
  return split;
}

function localNodes(state: RootState): ReadonlyMap<string, GraphNode> {
  return new Map([...state.installed].filter(([, plugin]) => plugin.scope === "local"));
}

function switched(
  keep: Desired,
  state: RootState,
  change: Extract<Change, { verb: "enable" | "disable" }>,
  store: Store,
): Desired {
  if (change.component !== undefined) return componentSwitched(keep, state, change, change.component, store);
  const scoped = splitByScope(change.ids, keep, state);
  const named = new Set(change.ids);
  const nodes = new Map(
    [...state.installed].map(([id, plugin]) => [id, named.has(id) ? { ...plugin, enabled: false } : plugin]),
  );
  const apply = (intent: Intent, ids: readonly string[]): Intent => {
    if (ids.length === 0) return intent;
    return change.verb === "enable"
      ? withEnabled(requested(intent, ids), ids, nodes)
      : withDisabled(intent, ids, nodes);
  };
  const { shared, local } = keep;
  return {
    ...keep,
    shared: apply(shared, scoped.shared),
    local: local === undefined ? undefined : apply(local, scoped.local),
  };
}

/** A component is off where any file says so: it is switched on in all of them. */
function componentSwitched(
  keep: Desired,
  state: RootState,
  change: Extract<Change, { verb: "enable" | "disable" }>,
  component: string,
  store: Store,
): Desired {
  for (const id of change.ids) {
    const plugin = state.installed.get(id);
    if (plugin === undefined) throw notInstalled(id, state.installed.keys());
    checkComponent(plugin, component, store.readManifest(plugin.manifest));
  }
  const on = change.verb === "enable";
  const scoped = on ? { shared: change.ids, local: change.ids } : splitByScope(change.ids, keep, state);
  const apply = (intent: Intent, ids: readonly string[]): Intent =>
    ids.reduce((sum, id) => withComponent(sum, id, component, on), intent);
  const { shared, local } = keep;
  return {
    ...keep,
    shared: apply(shared, scoped.shared),
    local: local === undefined ? undefined : apply(local, scoped.local),
  };
}

/** A dependency that is switched on by name becomes wanted for itself. */
function requested(intent: Intent, ids: readonly string[]): Intent {
  const plugins: Record<string, IntentPlugin> = { ...intent.plugins };
  for (const id of ids) plugins[id] ??= { range: "*", enabled: true };
  return { ...intent, plugins };
}
