import { canonicalSource } from "../../schemas/identity.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Added, Catalogs } from "../catalog/catalogs.ts";
import { type GraphNode, reachable } from "../plan/graph.ts";
import type { OfferedMarket, Services } from "../services.ts";
import type { Desired } from "./desired.ts";
import { splitId } from "./ids.ts";
import type { RootState } from "./root-state.ts";

/** What a root wants; only the marketplaces that this needs matter. */
type Wanted = Pick<Desired, "shared" | "local">;

/**
 * Refuses a root whose marketplace names mean other sources than on this machine (DESIGN §4, Roots). A name that nothing
 * wanted comes from may mean whatever it likes.
 * Throws `E_MARKETPLACE_EXISTS`.
 */
export function checkMarketNames(state: RootState, wanted: Wanted, catalogs: Catalogs): void {
  const used = usedMarkets(state, wanted);
  for (const [name, { identity, where }] of namedMarkets(state)) {
    if (!used.has(name) || !catalogs.has(name)) continue;
    const known = catalogs.known(name);
    if (known.identity === identity) continue;
    throw new CodedError(
      "E_MARKETPLACE_EXISTS",
      `\`${name}\` is \`${identity}\` here, but on this machine it is \`${known.identity}\``,
      {
        where,
        hint: `if you trust the one that is written there: \`plugin marketplace remove ${name}\`, then run this again`,
        data: { name, identity, known: known.identity },
      },
    );
  }
}

/** What is looked for, and what is to be known of it. */
export interface BringOptions {
  /** Names that a person asked for. */
  readonly asked: readonly string[];
  readonly catalogs: Catalogs;
  readonly services: Pick<Services, "offeredMarkets">;
  /** Gets the names of those that were added, so that a verb which comes to nothing can forget them again. */
  readonly brought: Set<string>;
  readonly dryRun: boolean;
}

/**
 * Adds the marketplaces that a root names, or else somebody's settings, that the root uses or a person asked for, and that this
 * machine does not know yet; gives a remark for each.
 */
export async function bringMarkets(
  state: RootState,
  { asked, catalogs, services, brought, dryRun }: BringOptions,
): Promise<readonly string[]> {
  const notes: string[] = [];
  const used = new Set([...usedMarkets(state, wantedBy(state)), ...asked]);
  const named = namedMarkets(state);
  const isOpen = (name: string): boolean => {
    const known = named.get(name) ?? (catalogs.has(name) ? catalogs.known(name) : undefined);
    return known === undefined || known.source.kind === "settings";
  };
  const offered = [...used].some(isOpen) ? await services.offeredMarkets() : undefined;
  for (const [name, { source, identity, where }] of namedMarkets(state, offered)) {
    if (!used.has(name) || catalogs.holds(name, source)) continue;
    const added = await addOrSay(source, catalogs);
    if (typeof added === "string") {
      notes.push(`the marketplace \`${name}\` could not be added: ${added}`);
      continue;
    }
    const { market, already } = added;
    if (!already) brought.add(market.name);
    if (market.name !== name) {
      throw new CodedError(
        "E_MARKETPLACE_RENAMED",
        `\`${identity}\` calls itself \`${market.name}\`, \`${where}\` calls it \`${name}\``,
        {
          where,
          hint: "mend the name in that file",
        },
      );
    }
    const by = offered?.get(name)?.where === where ? `\`${where}\`` : "this root";
    notes.push(`${dryRun ? "would add" : "added"} the marketplace \`${name}\` (${identity}), which ${by} names`);
  }
  return notes;
}

/** What can do without the marketplace goes on without it: the lock names every byte. */
async function addOrSay(source: MarketplaceSource, catalogs: Catalogs): Promise<Added | string> {
  try {
    return await catalogs.add(source);
  } catch (error) {
    if (!isCodedError(error) || error.code === "E_SOURCE_BLOCKED" || error.code === "E_INTERRUPTED") throw error;
    return error.message;
  }
}

/** What a root wants as it is written. */
export function wantedBy({ shared, local }: RootState): Wanted {
  return { shared: shared.intent.value, local: local?.value };
}

/** Marketplaces that something wanted comes from, or something that the lock says it needs. */
export function usedMarkets({ shared, installed }: RootState, wanted: Wanted): ReadonlySet<string> {
  const locked = Object.entries(shared.lock.value.plugins).map(([id, plugin]) => [id, { id, ...plugin }] as const);
  const ids = [wanted.shared, wanted.local].flatMap((intent) =>
    intent === undefined ? [] : [...Object.keys(intent.plugins), ...Object.keys(intent.overrides)],
  );
  const needed = reachable(new Map<string, GraphNode>([...installed, ...locked]), ids);
  return new Set([...ids, ...needed].map((id) => splitId(id).market));
}

/**
 * What the names mean in a root: as people wrote it, else as the lock has it, else as settings offer it. Of a catalog that stands in
 * settings a root has copies only.
 */
export function namedMarkets(
  state: RootState,
  offered: ReadonlyMap<string, OfferedMarket> = new Map(),
): ReadonlyMap<string, OfferedMarket> {
  const named = new Map<string, OfferedMarket>();
  const note = (name: string, market: OfferedMarket): void => {
    const original = offered.get(name);
    const isCopy = market.source.kind === "settings" && original?.identity === market.identity;
    named.set(name, isCopy ? original : market);
  };
  for (const file of [state.shared.intent, ...(state.local === undefined ? [] : [state.local])]) {
    for (const [name, source] of Object.entries(file.value.marketplaces))
      note(name, { ...canonicalSource(source), where: file.path });
  }
  for (const [name, { source, identity }] of Object.entries(state.shared.lock.value.marketplaces))
    if (!named.has(name)) note(name, { source, identity, where: state.shared.lock.path });
  for (const [name, market] of offered) if (!named.has(name)) named.set(name, market);
  return named;
}
