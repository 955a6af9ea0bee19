import type { GenerationPlugin, InstalledPackages } from "../../schemas/generation.ts";
import { closureWithLaunchers } from "../../schemas/launchers/launcher-closure.ts";
import { launcherKey, type LockedLauncher, lockedLauncherToJson } from "../../schemas/launchers/launcher-lock.ts";
import type { LockedMarketplace, LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { KnownMarketplace } from "../catalog/snapshot.ts";
import { lockableCalls, type LockedLaunchers } from "../launchers/lock-launchers.ts";
import { reachable } from "../plan/graph.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";
import type { Selected } from "./selected.ts";

/**
 * The lock that answers an intent with these plugins. Marketplaces that nothing comes from are left out; one from which
 * nothing was chosen anew stays at the revision that the old lock names.
 */
export function lockOf(
  plugins: Iterable<InspectedPlugin>,
  selected: ReadonlyMap<string, Selected>,
  before: Lockfile,
  known: (name: string) => KnownMarketplace | undefined,
  launchers: LockedLaunchers,
): Lockfile {
  const locked: Record<string, LockedPlugin> = {};
  const marketplaces: Record<string, LockedMarketplace> = {};
  const chosen = [...selected.values()].filter(({ kind }) => kind === "chosen");
  const moved = new Set(chosen.map(({ id }) => splitId(id).market));
  const all = [...plugins].sort((left, right) => (left.id < right.id ? -1 : 1));
  for (const plugin of all) {
    locked[plugin.id] = {
      version: plugin.version,
      source: plugin.source,
      tree: plugin.tree,
      manifest: plugin.manifestDigest,
      reader: plugin.reader,
      dependencies: plugin.dependencies,
      ...(plugin.entry === undefined ? {} : { entry: plugin.entry }),
    };
    const { market } = splitId(plugin.id);
    if (market === LOCAL_MARKET) continue;
    const old = before.marketplaces[market];
    const binding = moved.has(market) ? (known(market) ?? old) : (old ?? known(market));
    if (binding === undefined) continue;
    const { source, identity, revision } = binding;
    marketplaces[market] = { source, identity, revision };
  }
  const started = Object.fromEntries(all.flatMap((plugin) => startedBy(plugin, launchers)));
  return {
    schema: 1,
    marketplaces,
    plugins: locked,
    ...(Object.keys(started).length === 0 ? {} : { launchers: started }),
  };
}

/** What the launchers of a plugin are locked to, by key. */
function startedBy(
  plugin: InspectedPlugin,
  { locked }: LockedLaunchers,
): readonly (readonly [key: string, locked: LockedLauncher])[] {
  return lockableCalls(plugin).flatMap((call) => {
    const key = launcherKey(call);
    const own = locked.get(key);
    return own === undefined ? [] : [[key, own] as const];
  });
}

/** Which plugins of a root are on: wanted and switched on, or needed by one that is, or forced by policy. */
export function enabledIds(
  intent: Intent,
  plugins: ReadonlyMap<string, { readonly id: string; readonly dependencies: Readonly<Record<string, string>> }>,
  forced: (id: string) => boolean,
): ReadonlySet<string> {
  const on: string[] = [];
  for (const id of plugins.keys()) if (intent.plugins[id]?.enabled === true || forced(id)) on.push(id);
  return reachable(plugins, on);
}

/** What `closurePlugins` draws on for one scope. */
export interface ScopePlugins {
  readonly scope: GenerationPlugin["scope"];
  readonly intent: Intent;
  readonly plugins: ReadonlyMap<string, InspectedPlugin>;
  readonly enabled: ReadonlySet<string>;
  /** Whether policy keeps a plugin on: then all of it. */
  readonly forced: (id: string) => boolean;
  /** The npm packages of a plugin as this machine has them. */
  readonly packagesOf: (plugin: InspectedPlugin) => InstalledPackages | undefined;
  /** What its commands download and start, likewise. */
  readonly launchersOf: (plugin: InspectedPlugin) => GenerationPlugin["launchers"];
  readonly launchers: LockedLaunchers;
}

/** The generation's plugins of one scope, sorted by id; what did not change keeps its date of installation. */
export function closurePlugins(
  { scope, intent, plugins, enabled, forced, packagesOf, launchersOf, launchers: locked }: ScopePlugins,
  before: ReadonlyMap<string, GenerationPlugin>,
  now: string,
): readonly GenerationPlugin[] {
  const next: GenerationPlugin[] = [];
  for (const id of [...plugins.keys()].sort()) {
    const plugin = plugins.get(id);
    if (plugin === undefined) continue;
    const old = before.get(id);
    const isSame =
      old !== undefined &&
      old.tree === plugin.tree &&
      old.manifest === plugin.manifestDigest &&
      old.version === plugin.version;
    const [packages, launchers] = [packagesOf(plugin), launchersOf(plugin)];
    const started = new Map(startedBy(plugin, locked));
    next.push({
      id,
      version: plugin.version,
      tree: plugin.tree,
      manifest: plugin.manifestDigest,
      format: plugin.manifest.format,
      source: plugin.source,
      enabled: enabled.has(id),
      requested: intent.plugins[id] !== undefined,
      scope,
      disabledComponents: forced(id) ? [] : (intent.disabledComponents[id] ?? []),
      dependencies: plugin.dependencies,
      ...(scope !== "local" || plugin.reader === 1 ? {} : { reader: plugin.reader }),
      ...(scope !== "local" || plugin.entry === undefined ? {} : { entry: plugin.entry }),
      consent: closureWithLaunchers(plugin.closure, started),
      provides: plugin.provides,
      tokens: plugin.tokens,
      ...(packages === undefined ? {} : { packages }),
      ...(launchers === undefined ? {} : { launchers }),
      ...(scope !== "local" || started.size === 0 ? {} : { lockedLaunchers: recordsOf(started) }),
      bytes: plugin.bytes,
      installedAt: isSame ? old.installedAt : now,
    });
  }
  return next;
}

function recordsOf(started: ReadonlyMap<string, LockedLauncher>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...started].map(([key, locked]) => [key, lockedLauncherToJson(locked)]));
}
