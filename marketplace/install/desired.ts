import { CodedError } from "../../schemas/errors.ts";
import type { Intent, IntentPlugin } from "../../schemas/plugins-json.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { GraphNode } from "../plan/graph.ts";
import { reachable } from "../plan/graph.ts";
import type { Services } from "../services.ts";
import type { Change } from "./change.ts";
import { splitId } from "./ids.ts";
import { notInstalled } from "./not-installed.ts";
import { lookUp } from "./requests.ts";
import type { RootState } from "./root-state.ts";
import { withAdditions, withComponent, withDisabled, withEnabled, withRemovals } from "./wanted.ts";

/** What a verb wants a root to be. */
export interface Desired {
  readonly shared: Intent;
  readonly local: Intent | undefined;
  /** Ids the verb named. */
  readonly asked: ReadonlySet<string>;
  readonly unlocked: ReadonlySet<string> | "all";
  readonly frozen: boolean;
  readonly notes: readonly string[];
}

/** Every change but `rollback`, which takes its root from history. */
export type IntentChange = Exclude<Change, { readonly verb: "rollback" }>;

/** Computes what a verb wants; may refresh catalogs, writes nothing. */
export async function desire(
  state: RootState,
  change: IntentChange,
  catalogs: Catalogs,
  services: Services,
): Promise<Desired> {
  const shared = state.shared.intent.value;
  const local = state.local?.value;
  const keep: Desired = { shared, local, asked: new Set(), unlocked: new Set(), frozen: false, notes: [] };
  switch (change.verb) {
    case "add": {
      const own = state.target.scope === "local" && local !== undefined ? local : shared;
      const { additions, notes } = await lookUp(change.requests, own, state.base, catalogs, services);
      const asked = new Set(additions.map((addition) => addition.id));
      const ranged = additions.flatMap(({ id, range, path }) =>
        range === undefined && path === undefined ? [] : [id],
      );
      return { ...inScope(keep, state, withAdditions(own, additions)), asked, unlocked: new Set(ranged), notes };
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
      return { ...switched(keep, state, change), asked: new Set(change.ids) };
    case "update": {
      for (const id of change.ids) if (!state.installed.has(id)) throw notInstalled(id, state.installed.keys());
      const notes = await refresh(change.ids.length === 0 ? [...state.installed.keys()] : change.ids, catalogs);
      const unlocked = change.ids.length === 0 ? "all" : reachable(state.installed, change.ids);
      return { ...keep, asked: new Set(change.ids), unlocked, notes };
    }
    case "sync":
      return { ...keep, frozen: change.frozen };
    default:
      return change satisfies never;
  }
}

function inScope(keep: Desired, state: RootState, intent: Intent): Desired {
  return state.target.scope === "local" ? { ...keep, local: intent } : { ...keep, shared: intent };
}

function splitByScope(
  ids: readonly string[],
  keep: Desired,
  state: RootState,
): { readonly shared: string[]; readonly local: string[] } {
  const split: { shared: string[]; local: string[] } = { shared: [], local: [] };
  for (const id of ids) {
    const isLocal = keep.local?.plugins[id] !== undefined || state.installed.get(id)?.scope === "local";
    split[isLocal ? "local" : "shared"].push(id);
  }
  return split;
}

function localNodes(state: RootState): ReadonlyMap<string, GraphNode> {
  return new Map([...state.installed].filter(([, plugin]) => plugin.scope === "local"));
}

function switched(keep: Desired, state: RootState, change: Extract<Change, { verb: "enable" | "disable" }>): Desired {
  const on = change.verb === "enable";
  let { shared, local } = keep;
  const scoped = splitByScope(change.ids, keep, state);
  const apply = (intent: Intent, ids: readonly string[]): Intent => {
    if (ids.length === 0) return intent;
    if (change.component !== undefined) {
      for (const id of ids) checkComponent(id, change.component, state);
      const { component } = change;
      return ids.reduce((sum, id) => withComponent(sum, id, component, on), intent);
    }
    return on ? withEnabled(requested(intent, ids), ids, state.installed) : withDisabled(intent, ids, state.installed);
  };
  shared = apply(shared, scoped.shared);
  local = local === undefined ? undefined : apply(local, scoped.local);
  return { ...keep, shared, local };
}

/** A dependency that is switched on by name becomes wanted for itself. */
function requested(intent: Intent, ids: readonly string[]): Intent {
  const plugins: Record<string, IntentPlugin> = { ...intent.plugins };
  for (const id of ids) plugins[id] ??= { range: "*", enabled: true };
  return { ...intent, plugins };
}

function checkComponent(id: string, component: string, state: RootState): void {
  const plugin = state.installed.get(id);
  if (plugin === undefined) throw notInstalled(id, state.installed.keys());
  const kind = component.slice(0, component.indexOf("/"));
  if ((plugin.provides[kind] ?? 0) > 0) return;
  const kinds = Object.keys(plugin.provides);
  throw new CodedError("E_NOT_FOUND", `\`${id}\` has no component \`${component}\``, {
    hint:
      kinds.length === 0
        ? `\`plugin info ${id}\` shows what it adds`
        : `write kind/name; its kinds are ${kinds.join(", ")}: see \`plugin info ${id}\``,
  });
}

async function refresh(ids: readonly string[], catalogs: Catalogs): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const market of new Set(ids.map((id) => splitId(id).market))) {
    if (!catalogs.has(market)) continue;
    const { note } = await catalogs.refreshForAdd(market);
    if (note !== undefined) notes.push(note);
  }
  return notes;
}
