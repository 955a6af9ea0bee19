import { canonicalSource } from "../../schemas/identity.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Added, Catalogs } from "../catalog/catalogs.ts";
import { type GraphNode, reachable } from "../plan/graph.ts";
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

/**
 * Adds the marketplaces that a root names, that it uses or a person asked for, and that this machine does not know yet; gives a remark for each and notes its name
 * in `brought`, so that a verb which comes to nothing can forget it again.
 */
export async function bringMarkets(
  state: RootState,
  asked: readonly string[],
  catalogs: Catalogs,
  brought: Set<string>,
  dryRun: boolean,
): Promise<readonly string[]> {
  const notes: string[] = [];
  const used = new Set([...usedMarkets(state, wantedBy(state)), ...asked]);
  for (const [name, { source, identity, where }] of namedMarkets(state)) {
    if (!used.has(name) || catalogs.has(name)) continue;
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
        `\`${identity}\` calls itself \`${market.name}\`, this root calls it \`${name}\``,
        {
          where,
          hint: "mend the name in `plugins.json`",
        },
      );
    }
    notes.push(`${dryRun ? "would add" : "added"} the marketplace \`${name}\` (${identity}), which this root names`);
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
function usedMarkets({ shared, installed }: RootState, wanted: Wanted): ReadonlySet<string> {
  const locked = Object.entries(shared.lock.value.plugins).map(([id, plugin]) => [id, { id, ...plugin }] as const);
  const ids = [wanted.shared, wanted.local].flatMap((intent) =>
    intent === undefined ? [] : [...Object.keys(intent.plugins), ...Object.keys(intent.overrides)],
  );
  const needed = reachable(new Map<string, GraphNode>([...installed, ...locked]), ids);
  return new Set([...ids, ...needed].map((id) => splitId(id).market));
}

interface NamedMarket {
  readonly source: MarketplaceSource;
  readonly identity: string;
  readonly where: string;
}

/** What the names mean in a root: as people wrote it, else as the lock has it. */
function namedMarkets(state: RootState): ReadonlyMap<string, NamedMarket> {
  const named = new Map<string, NamedMarket>();
  for (const file of [state.shared.intent, ...(state.local === undefined ? [] : [state.local])]) {
    for (const [name, source] of Object.entries(file.value.marketplaces))
      named.set(name, { ...canonicalSource(source), where: file.path });
  }
  for (const [name, { source, identity }] of Object.entries(state.shared.lock.value.marketplaces)) {
    if (!named.has(name)) named.set(name, { source, identity, where: state.shared.lock.path });
  }
  return named;
}
