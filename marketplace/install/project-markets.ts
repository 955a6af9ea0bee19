import { canonicalSource } from "../../schemas/identity.ts";
import { CodedError, isCodedError } from "../../schemas/errors.ts";
import type { MarketplaceSource } from "../../schemas/source-spec.ts";
import type { Added, Catalogs } from "../catalog/catalogs.ts";
import type { RootState } from "./root-state.ts";

/**
 * Refuses a root whose marketplace names mean other sources than on this machine (DESIGN §4, Roots).
 * Throws `E_MARKETPLACE_EXISTS`.
 */
export function checkMarketNames(state: RootState, catalogs: Catalogs): void {
  for (const [name, { identity, where }] of namedMarkets(state)) {
    if (!catalogs.has(name)) continue;
    const known = catalogs.known(name);
    if (known.identity === identity) continue;
    throw new CodedError(
      "E_MARKETPLACE_EXISTS",
      `\`${name}\` is \`${identity}\` here, but on this machine it is \`${known.identity}\``,
      {
        where,
        hint: `if you trust the one of this project: \`plugin marketplace remove ${name}\`, then run this again`,
        data: { name, identity, known: known.identity },
      },
    );
  }
}

/**
 * Adds the marketplaces that a root names and this machine does not know yet; gives a remark for each and notes its name
 * in `brought`, so that a verb which comes to nothing can forget it again.
 */
export async function bringMarkets(
  state: RootState,
  catalogs: Catalogs,
  brought: Set<string>,
  dryRun: boolean,
): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const [name, { source, identity, where }] of namedMarkets(state)) {
    if (catalogs.has(name)) continue;
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

interface NamedMarket {
  readonly source: MarketplaceSource;
  readonly identity: string;
  readonly where: string;
}

function namedMarkets(state: RootState): ReadonlyMap<string, NamedMarket> {
  const named = new Map<string, NamedMarket>();
  for (const file of [state.shared.intent, ...(state.local === undefined ? [] : [state.local])]) {
    for (const [name, source] of Object.entries(file.value.marketplaces))
      named.set(name, { ...canonicalSource(source), where: file.path });
  }
  for (const [name, { source, identity }] of Object.entries(state.shared.lock.value.marketplaces)) {
    named.set(name, { source, identity, where: state.shared.lock.path });
  }
  return named;
}
