import { CodedError } from "../../schemas/errors.ts";
import type { GenerationPlugin, InstalledPackages } from "../../schemas/generation.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { ageText } from "../../schemas/policy-age-text.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { type LockedLaunchers, lockLaunchers } from "../launchers/lock-launchers.ts";
import { storedLaunchers } from "../launchers/stored-launchers.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { presentPackages } from "../packages/present-packages.ts";
import type { PluginSources } from "../sources/offer.ts";
import type { Desired } from "./desired.ts";
import { disagreement, strays } from "./lock-agreement.ts";
import type { MarketOrigin } from "./market-origin.ts";
import { marketLookup } from "./market-origin.ts";
import type { MaterializeOptions } from "./materialize.ts";
import { materialize } from "./materialize.ts";
import { misstatedDependencies } from "./declared-dependencies.ts";
import { selectLocal } from "./local-picks.ts";
import { checkLockedOrigins, foldersOf } from "./locked-origins.ts";
import { nearestIntent } from "./nearest-intent.ts";
import { closurePlugins, enabledIds, lockOf } from "./next-root.ts";
import { refuseRepublished } from "./republished.ts";
import type { RootState } from "./root-state.ts";
import type { Selected } from "./selected.ts";
import { select } from "./selection.ts";
import { toolsToLock, withLockedTools, withTools } from "./tool-pins.ts";
import { withDefaults } from "./wanted.ts";

/** A root as it would be after the verb. */
export interface ResolvedRoot {
  readonly shared: Intent;
  readonly local: Intent | undefined;
  readonly lock: Lockfile;
  readonly inspected: ReadonlyMap<string, InspectedPlugin>;
  /** Sorted by id; the nearest scope wins an id. */
  readonly plugins: readonly GenerationPlugin[];
  readonly launchers: LockedLaunchers;
  readonly cycles: readonly (readonly string[])[];
  readonly notes: readonly string[];
  /** The canonical source of the marketplace a plugin comes from, as policy wants to see it. */
  readonly marketOf: (id: string) => MarketOrigin | undefined;
  /** Plugins whose source the lock alone names. */
  readonly unlisted: ReadonlySet<string>;
}

/** What `resolveRoot` works with. */
export interface ResolveOptions extends Omit<MaterializeOptions, "marketOf" | "unlisted" | "frozen"> {
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
}

/**
 * Solves and fetches what a root should hold: the shared set first, then the private picks on top of it,
 * which never change a shared version.
 */
export async function resolveRoot(state: RootState, desired: Desired, options: ResolveOptions): Promise<ResolvedRoot> {
  const { services } = options;
  const lock = state.shared.lock.value;
  if (desired.frozen) refuseDisagreement(desired.shared, lock, state);
  const strayed = strays(desired.shared, lock, state.base);
  const shared = await select({
    ...options,
    intent: desired.shared,
    intentFile: state.shared.intent.path,
    base: state.base,
    lock,
    lockFile: state.shared.lock.path,
    unlocked: new Set([...desired.unlocked, ...strayed.keys()]),
    asked: desired.asked,
    fixed: new Map(),
    mode: desired.frozen ? "locked" : "newest",
    running: state.installed,
  });
  const local = await selectLocal(state, desired, shared, options);
  const plugins = new Map([...shared.plugins, ...local.plugins]);
  refuseRepublished(plugins, lock, state.installed);
  const marketOf = marketLookup(lock, options.catalogs, [desired.shared, desired.local], state.base);
  const origins = await checkLockedOrigins(plugins, {
    ...options,
    lock,
    lockFile: state.shared.lock.path,
    folders: foldersOf([desired.shared, desired.local], state.base),
    installed: state.installed,
  });
  const inspected = await materialize(plugins, {
    ...options,
    marketOf,
    frozen: desired.frozen,
    unlisted: origins.unlisted,
  });
  const misstated = await misstatedDependencies(plugins, inspected, options.catalogs);
  if (misstated.size > 0) {
    const [id = "", problem = ""] = misstated.entries().next().value ?? [];
    if (desired.frozen || desired.unlocked.has(id)) throw corruptLock(problem, state);
    const unlocked = new Set([...desired.unlocked, ...misstated.keys()]);
    const anew = await resolveRoot(state, { ...desired, unlocked }, options);
    return { ...anew, notes: [...misstated.values(), ...anew.notes] };
  }
  const startsOff = (id: string): boolean => inspected.get(id)?.manifest.defaultEnabled === false;
  const wanted = {
    shared: withDefaults(desired.shared, desired.fresh, startsOff),
    local: desired.local === undefined ? undefined : withDefaults(desired.local, desired.fresh, startsOff),
  };
  const sharedPlugins = new Map([...inspected].filter(([id]) => shared.plugins.has(id)));
  const localPlugins = new Map([...inspected].filter(([id]) => local.plugins.has(id) && !shared.plugins.has(id)));
  const forced = (id: string): boolean => {
    const verdict = services.decide({ kind: "plugin", id, market: marketOf(id) }, "enable");
    return verdict.allowed && verdict.forced === true;
  };
  const now = services.now().toISOString();
  const before = state.installed;
  const scope = state.target.scope === "user" ? "user" : "project";
  const nearest = nearestIntent(wanted.shared, wanted.local);
  const on = enabledIds(nearest, inspected, forced);
  const { disabledComponents } = nearest;
  const intent = { ...wanted.shared, disabledComponents };
  const packagesOf = (plugin: InspectedPlugin): InstalledPackages | undefined =>
    presentPackages(plugin, before.get(plugin.id), options);
  const launchers = await lockLaunchers(inspected, {
    services,
    known: lock.launchers ?? {},
    installed: before,
    frozen: desired.frozen,
    retry: options.thorough,
    unlocked: desired.unlocked,
    asked: desired.asked,
  });
  const launchersOf = (plugin: InspectedPlugin): GenerationPlugin["launchers"] =>
    storedLaunchers(plugin, launchers, before.get(plugin.id), options);
  const here = { enabled: on, forced, packagesOf, launchersOf, launchers };
  const next = [
    ...closurePlugins({ ...here, scope, intent, plugins: sharedPlugins }, before, now),
    ...(wanted.local === undefined
      ? []
      : closurePlugins({ ...here, scope: "local", intent: wanted.local, plugins: localPlugins }, before, now)),
  ];
  const tools = toolsToLock(sharedPlugins.values(), { ...desired, lock, installed: before });
  const notes = [...desired.fresh]
    .filter((id) => inspected.has(id) && !on.has(id))
    .map((id) => `\`${id}\` is off until you switch it on, as its author wants: \`plugin enable ${id}\``);
  return {
    ...wanted,
    notes: [
      ...new Set(strayed.values()),
      ...origins.notes,
      ...launchers.notes,
      ...notes,
      ...ageNotes(plugins.values(), services),
    ],
    lock: withLockedTools(
      lockOf(
        sharedPlugins.values(),
        shared.plugins,
        lock,
        (name) => (options.catalogs.has(name) ? options.catalogs.known(name) : undefined),
        launchers,
      ),
      tools,
    ),
    launchers,
    inspected,
    plugins: next
      .map((plugin) => withTools(plugin, tools.get(plugin.id)))
      .sort((left, right) => (left.id < right.id ? -1 : 1)),
    cycles: [...shared.cycles, ...local.cycles],
    marketOf,
    unlisted: origins.unlisted,
  };
}

/** Says of what is chosen anew from a registry why its release may be young. */
function ageNotes(plugins: Iterable<Selected>, { ageException }: ResolveOptions["services"]): readonly string[] {
  return [...plugins].flatMap((plugin) => {
    if (plugin.kind !== "chosen" || plugin.choice.offer.source.kind !== "npm") return [];
    const exception = ageException(plugin.id);
    if (exception === undefined) return [];
    const { ms, reason, place } = exception;
    return [`policy asks \`${plugin.id}\` for an age of ${ageText(ms)} only: ${reason} (\`${place.key}\`)`];
  });
}

function corruptLock(problem: string, state: RootState): CodedError {
  return new CodedError("E_STATE_CORRUPT", problem, {
    where: state.shared.lock.path,
    hint: "run `plugin sync` without `--frozen`, it solves the lock anew",
  });
}

function refuseDisagreement(intent: Intent, lock: Lockfile, state: RootState): void {
  const problem = disagreement(intent, lock, state.base);
  if (problem === undefined) return;
  throw new CodedError("E_FROZEN", `intent and lock disagree: ${problem}`, {
    where: state.shared.lock.path,
    hint: "run `plugin sync` without `--frozen` and commit the new lock",
  });
}
