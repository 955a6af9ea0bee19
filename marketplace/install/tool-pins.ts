import type { GenerationPlugin } from "../../schemas/generation.ts";
import type { LockedTools } from "../../schemas/locked-tools.ts";
import type { Digest, LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";

/** What tools of a plugin's MCP servers said on this machine, to be locked. */
export interface ToolPins {
  /** The files of the plugin by then: pins are worth nothing for others. */
  readonly tree: Digest;
  readonly tools: LockedTools;
}

/** What is known of the tools of a root's plugins. */
export interface KnownTools {
  readonly lock: Lockfile;
  /** Asked where the lock does not have a plugin, e.g. because a merge left its markers in it. */
  readonly installed: ReadonlyMap<string, GenerationPlugin>;
  /** Old id → new id. */
  readonly renames: ReadonlyMap<string, string>;
  /** Pins of this machine, by id, which go before. */
  readonly pins?: ReadonlyMap<string, ToolPins> | undefined;
}

/**
 * What the tools of each plugin are locked to from now on: as before while its files are the same, and to the pins of this machine.
 * Tools that are locked and not pinned here stay.
 */
export function toolsToLock(
  plugins: Iterable<Pick<InspectedPlugin, "id" | "tree">>,
  { lock, installed, renames, pins }: KnownTools,
): ReadonlyMap<string, LockedTools> {
  const before = new Map([...renames].map(([old, now]) => [now, old]));
  const tools = new Map<string, LockedTools>();
  for (const { id, tree } of plugins) {
    const old = before.get(id) ?? id;
    const known = lock.plugins[id] ?? lock.plugins[old] ?? installed.get(old);
    const all = joinedTools(toolsOf(known, tree), toolsOf(pins?.get(id), tree));
    if (all !== undefined) tools.set(id, all);
  }
  return tools;
}

/** A plugin of another lock, with what the tools of the same files are locked to here. */
export function withOwnTools(plugin: LockedPlugin, own: LockedPlugin | undefined): LockedPlugin {
  return withTools(plugin, joinedTools(plugin.tools, toolsOf(own, plugin.tree)));
}

function toolsOf(known: Pick<LockedPlugin, "tree" | "tools"> | undefined, tree: Digest): LockedTools | undefined {
  return known?.tree === tree ? known.tools : undefined;
}

/** What is said of the same files twice; the second one goes before. */
function joinedTools(one: LockedTools | undefined, other: LockedTools | undefined): LockedTools | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const servers = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...servers].map((server) => [server, { ...one[server], ...other[server] }]));
}

/** A lock with what the tools of its plugins are locked to. */
export function withLockedTools(lock: Lockfile, tools: ReadonlyMap<string, LockedTools>): Lockfile {
  const plugins = Object.entries(lock.plugins).map(([id, plugin]): readonly [string, LockedPlugin] => [
    id,
    withTools(plugin, tools.get(id)),
  ]);
  return { ...lock, plugins: Object.fromEntries(plugins) };
}

/** The same plugin with what its tools are locked to. */
export function withTools<Plugin extends LockedPlugin | GenerationPlugin>(
  plugin: Plugin,
  tools: LockedTools | undefined,
): Plugin {
  return tools === undefined ? plugin : { ...plugin, tools };
}
