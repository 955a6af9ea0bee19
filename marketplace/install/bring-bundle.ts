import { canonicalSource } from "../../schemas/identity.ts";
import { CodedError } from "../../schemas/errors.ts";
import type { Lockfile } from "../../schemas/lockfile.ts";
import type { Intent, IntentPlugin } from "../../schemas/plugins-json.ts";
import type { Bundle } from "../bundle/read-bundle.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { anchoredIntent, anchoredLock } from "../lock/portable-paths.ts";
import { type Desired, NOTHING } from "./desired.ts";
import type { RootState } from "./root-state.ts";
import { withOwnTools } from "./tool-pins.ts";

/** A root with the plugins of a bundle as something to resolve: the bundle's lock stands before the present one. */
export interface PreparedBundle extends Desired {
  /** The root as the bundle wants it, for resolving; never for comparing or committing. */
  readonly state: RootState;
  /** The bundle's own lock, with absolute paths. */
  readonly lock: Lockfile;
}

/** Joins a bundle with what a root wants already: what is switched off stays off, and other plugins stay as they are. */
export function prepareBundle(state: RootState, { file, intent, lock }: Bundle): PreparedBundle {
  const { shared, base } = state;
  const present = shared.intent.value;
  const brought = anchoredIntent(intent, base);
  const broughtLock = anchoredLock(lock, base);
  const asked = Object.entries(brought.plugins).filter(([id]) => broughtLock.plugins[id] !== undefined);
  const plugins = asked.map(([id, plugin]): readonly [string, IntentPlugin] => [
    id,
    { ...plugin, enabled: present.plugins[id]?.enabled ?? plugin.enabled },
  ]);
  checkMarkets(brought, broughtLock, file);
  const wanted: Intent = {
    ...present,
    marketplaces: { ...brought.marketplaces, ...present.marketplaces },
    plugins: { ...present.plugins, ...Object.fromEntries(plugins) },
    overrides: { ...brought.overrides, ...present.overrides },
    disabledComponents: { ...brought.disabledComponents, ...present.disabledComponents },
  };
  const own = shared.lock.value.plugins;
  const locked = Object.entries(broughtLock.plugins).map(([id, one]) => [id, withOwnTools(one, own[id])]);
  const joined: Lockfile = {
    ...shared.lock.value,
    marketplaces: { ...shared.lock.value.marketplaces, ...broughtLock.marketplaces },
    plugins: { ...own, ...Object.fromEntries(locked) },
  };
  return {
    ...NOTHING,
    shared: wanted,
    local: state.local?.value,
    asked: new Set(asked.map(([id]) => id)),
    lock: broughtLock,
    state: { ...state, shared: { intent: shared.intent, lock: { ...shared.lock, value: joined, problem: undefined } } },
  };
}

/** What a bundle would write down about marketplaces has to be what its lock is judged by. Throws `E_SCHEMA`. */
function checkMarkets({ marketplaces }: Intent, lock: Lockfile, file: string): void {
  for (const [name, source] of Object.entries(marketplaces)) {
    if (canonicalSource(source).identity === lock.marketplaces[name]?.identity) continue;
    throw new CodedError("E_SCHEMA", `intent and lock of the bundle \`${file}\` disagree on where \`${name}\` lies`, {
      hint: "do not use it: somebody made it by hand",
    });
  }
}

/** Adds the marketplaces of a bundle that this machine does not know, with the catalogs that came along; notes their names in `brought`. */
export async function bringCatalogs(
  bundle: Bundle,
  lock: Lockfile,
  catalogs: Catalogs,
  brought: Set<string>,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const [name, { catalog, revision }] of bundle.catalogs) {
    const market = lock.marketplaces[name];
    if (market === undefined || catalogs.has(name)) continue;
    const { source, identity } = canonicalSource(market.source);
    await catalogs.restore({ name, source, identity, revision, catalog });
    brought.add(name);
    notes.push(`the marketplace \`${name}\` (${identity}) comes with the bundle`);
  }
  return notes;
}
