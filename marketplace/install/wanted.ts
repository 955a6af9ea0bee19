import { CodedError } from "../../schemas/errors.ts";
import type { Intent, IntentPlugin } from "../../schemas/plugins-json.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { GraphNode } from "../plan/graph.ts";
import { dependants, reachable } from "../plan/graph.ts";
import { splitId } from "./ids.ts";
import { notInstalled } from "./not-installed.ts";

/** One request of `add` after its name was looked up. */
export interface Addition {
  readonly id: string;
  /** Absent keeps a range that is already written, else means `*`. */
  readonly range?: string | undefined;
  readonly path?: string | undefined;
  /** Absent keeps what is written, else the plugin is on. */
  readonly enabled?: boolean | undefined;
  /** The marketplace binding to write beside it when the root has none. */
  readonly market?: { readonly name: string; readonly source: MarketplaceSource } | undefined;
}

/** The intent with plugins added; an already wanted plugin keeps what was not named. */
export function withAdditions(intent: Intent, additions: readonly Addition[]): Intent {
  const plugins: Record<string, IntentPlugin> = { ...intent.plugins };
  const marketplaces: Record<string, MarketplaceSource> = { ...intent.marketplaces };
  for (const addition of additions) {
    const before = plugins[addition.id];
    const path = addition.path ?? before?.path;
    plugins[addition.id] = {
      range: addition.range ?? before?.range ?? "*",
      enabled: addition.enabled ?? before?.enabled ?? true,
      ...(path === undefined ? {} : { path }),
    };
    const { market } = addition;
    if (market === undefined) continue;
    const written = marketplaces[market.name];
    // What stands there of a catalog in settings is a copy.
    if (written === undefined || written.kind === "settings") marketplaces[market.name] = market.source;
  }
  return { ...intent, plugins, marketplaces };
}

/** The intent without some plugins, and without the marketplaces that only they came from. Throws `E_NOT_INSTALLED`, or `E_DEPENDANT` when one that stays needs one that goes. */
export function withRemovals(intent: Intent, ids: readonly string[], nodes: ReadonlyMap<string, GraphNode>): Intent {
  const going = new Set(ids);
  const plugins = { ...intent.plugins };
  const disabledComponents = { ...intent.disabledComponents };
  for (const id of ids) {
    if (plugins[id] === undefined && !nodes.has(id)) throw notInstalled(id, nodes.keys());
    delete plugins[id];
    delete disabledComponents[id];
  }
  const staying = reachable(nodes, Object.keys(plugins));
  for (const id of ids) {
    const needing = dependants(nodes.values(), id).filter((upper) => staying.has(upper) && !going.has(upper));
    if (needing.length > 0) throw stillNeeded(id, needing, "remove");
  }
  return { ...intent, plugins, disabledComponents, marketplaces: boundStill(intent, reachable(nodes, ids), staying) };
}

/** The marketplaces of an intent without those that only plugins which go came from; unused ones that people wrote stay. */
function boundStill(
  { marketplaces, overrides }: Intent,
  going: Iterable<string>,
  staying: Iterable<string>,
): Intent["marketplaces"] {
  const left = new Set([...staying, ...Object.keys(overrides)].map((id) => splitId(id).market));
  const lost = new Set([...going].map((id) => splitId(id).market).filter((market) => !left.has(market)));
  return Object.fromEntries(Object.entries(marketplaces).filter(([name]) => !lost.has(name)));
}

/** The intent with plugins switched on, and with them every wanted plugin they depend on. */
export function withEnabled(intent: Intent, ids: readonly string[], nodes: ReadonlyMap<string, GraphNode>): Intent {
  const plugins = { ...intent.plugins };
  for (const id of ids) if (!nodes.has(id)) throw notInstalled(id, nodes.keys());
  for (const id of reachable(nodes, ids)) {
    const plugin = plugins[id];
    if (plugin !== undefined) plugins[id] = { ...plugin, enabled: true };
  }
  return { ...intent, plugins };
}

/** The intent with plugins switched off. Throws `E_DEPENDANT` while an enabled plugin needs one of them. */
export function withDisabled(
  intent: Intent,
  ids: readonly string[],
  nodes: ReadonlyMap<string, GraphNode & { readonly enabled: boolean }>,
): Intent {
  const plugins = { ...intent.plugins };
  for (const id of ids) {
    const node = nodes.get(id);
    if (node === undefined) throw notInstalled(id, nodes.keys());
    const needing = dependants(nodes.values(), id).filter(
      (upper) => nodes.get(upper)?.enabled === true && !ids.includes(upper),
    );
    if (needing.length > 0) throw stillNeeded(id, needing, "disable");
    const plugin = plugins[id];
    if (plugin !== undefined) plugins[id] = { ...plugin, enabled: false };
  }
  return { ...intent, plugins };
}

/** The intent with one component of a plugin switched on or off. `component` is `kind/name`. */
export function withComponent(intent: Intent, id: string, component: string, enabled: boolean): Intent {
  const rest = (intent.disabledComponents[id] ?? []).filter((other) => other !== component);
  const list = enabled ? rest : [...rest, component].sort();
  const disabledComponents = { ...intent.disabledComponents };
  if (list.length === 0) delete disabledComponents[id];
  else disabledComponents[id] = list;
  return { ...intent, disabledComponents };
}

/** The intent under new names, old id → new id; what is wanted under the new one already stays as it is. */
export function withRenames(intent: Intent, renames: ReadonlyMap<string, string>): Intent {
  const renamed = <T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> => {
    if (!Object.keys(map).some((id) => renames.has(id))) return map;
    const moved = Object.entries(map).filter(([id]) => renames.has(id));
    const rest = Object.entries(map).filter(([id]) => !renames.has(id));
    return Object.fromEntries([...moved.map(([id, value]) => [renames.get(id) ?? id, value] as const), ...rest]);
  };
  return {
    ...intent,
    plugins: renamed(intent.plugins),
    overrides: renamed(intent.overrides),
    disabledComponents: renamed(intent.disabledComponents),
  };
}

/** The intent in which plugins that were wanted just now, and that start switched off, are switched off. */
export function withDefaults(intent: Intent, fresh: ReadonlySet<string>, startsOff: (id: string) => boolean): Intent {
  const off = [...fresh].filter((id) => intent.plugins[id] !== undefined && startsOff(id));
  if (off.length === 0) return intent;
  const plugins: Record<string, IntentPlugin> = { ...intent.plugins };
  for (const id of off) plugins[id] = { range: "*", ...plugins[id], enabled: false };
  return { ...intent, plugins };
}

function stillNeeded(id: string, needing: readonly string[], verb: string): CodedError {
  const names = needing.map((upper) => `\`${upper}\``).join(", ");
  return new CodedError(
    "E_DEPENDANT",
    `cannot ${verb} \`${id}\`: ${names} ${needing.length === 1 ? "depends" : "depend"} on it`,
    {
      hint: `${verb} ${needing.length === 1 ? "it" : "them"} too: \`plugin ${verb} ${[...needing, id].join(" ")}\``,
      data: { id, needing },
    },
  );
}
