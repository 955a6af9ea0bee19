import type { Catalogs } from "../catalog/catalogs.ts";
import { requireAllowed } from "../catalog/require-allowed.ts";
import { originOf } from "../plan/build-plan.ts";
import type { Store } from "../store/store.ts";
import type { Services } from "../services.ts";
import type { Interaction, StrangePlace } from "./change.ts";
import { requireFetch } from "./fetch-policy.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";
import { isSamePlace, ownPlaces } from "./locked-origins.ts";
import { namedMarkets, usedMarkets, wantedBy } from "./project-markets.ts";
import type { RootState } from "./root-state.ts";

/** What is known already, and what may be brought. */
export interface StrangePlacesOptions {
  readonly catalogs: Catalogs;
  readonly store: Store;
  /** Names that a person asked for. */
  readonly asked: readonly string[];
  /** Whether marketplaces that the root names are added. */
  readonly addsMarkets: boolean;
}

/** Who is asked, and what was said in this run. */
export interface PlacesQuestion {
  readonly interaction: Pick<Interaction, "allowPlaces">;
  readonly services: Pick<Services, "audit" | "decide" | "offeredMarkets">;
  readonly confirmed: Set<string>;
}

/**
 * Where carrying out the files of a project would lead that nobody but they name: marketplaces that this machine does not know, wherever
 * they lie, since a catalog sends further; and what the lock takes from such a marketplace, as far as it is not here. What an administrator
 * or the person's own settings offer is known, and a person's own files name what that person wants. Nobody is asked about what policy
 * refuses. Throws `E_SOURCE_BLOCKED`.
 */
async function strangePlaces(
  state: RootState,
  options: StrangePlacesOptions,
  services: PlacesQuestion["services"],
): Promise<readonly StrangePlace[]> {
  if (state.target.directory === undefined) return [];
  const { catalogs, store, asked, addsMarkets } = options;
  const used = new Set([...usedMarkets(state, wantedBy(state)), ...asked]);
  const named = namedMarkets(state);
  const unknown = new Map([...named].filter(([name, { source }]) => !catalogs.holds(name, source)));
  const offered = unknown.size === 0 ? undefined : await services.offeredMarkets();
  const isOffered = (name: string): boolean => {
    const identity = offered?.get(name)?.identity;
    return identity !== undefined && identity === named.get(name)?.identity;
  };
  const places = new Map<string, StrangePlace>();
  const note = (place: StrangePlace): void => {
    if (!places.has(place.address)) places.set(place.address, place);
  };
  if (addsMarkets)
    for (const [name, { source, identity, where }] of unknown) {
      if (!used.has(name) || isOffered(name)) continue;
      requireAllowed(services, { kind: "marketplace", name, source, identity }, "add");
      note({ name, address: identity, where });
    }
  const { path: where, value: lock } = state.shared.lock;
  for (const [id, locked] of Object.entries(lock.plugins)) {
    const { market } = splitId(id);
    const isKnown = named.has(market) ? !unknown.has(market) : catalogs.has(market);
    // The catalog that is known, or is brought first, says where it may come from.
    if (market === LOCAL_MARKET || isKnown || store.has(locked.tree)) continue;
    const own = named.get(market);
    const isOwn = ownPlaces(own?.source).holds(locked.source);
    if (isOffered(market) && (addsMarkets || isOwn)) continue;
    const old = state.installed.get(id);
    if (old !== undefined && isSamePlace(old.source, locked.source)) continue;
    const { version, source, tree } = locked;
    requireFetch(services, { id, version, market: own, source, tree, listed: false });
    if (own !== undefined && isOwn) note({ name: market, address: own.identity, where: own.where });
    else note({ name: id, address: "url" in locked.source ? locked.source.url : originOf(locked), where });
  }
  return [...places.values()];
}

/** Asks once in a run for the same places. Throws `E_TRUST` and `E_SOURCE_BLOCKED`. */
export async function passPlaces(
  state: RootState,
  options: StrangePlacesOptions,
  { interaction, services, confirmed }: PlacesQuestion,
): Promise<void> {
  const places = await strangePlaces(state, options, services);
  const fingerprint = JSON.stringify(places);
  if (places.length === 0 || confirmed.has(fingerprint)) return;
  const record = { action: "use places", subject: state.key, detail: { addresses: places.map((one) => one.address) } };
  try {
    await interaction.allowPlaces(state.key, places);
  } catch (error) {
    services.audit.append({ ...record, outcome: "denied" });
    throw error;
  }
  services.audit.append({ ...record, outcome: "allowed" });
  confirmed.add(fingerprint);
}
