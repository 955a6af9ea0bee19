import { isCodedError } from "../../../schemas/errors.ts";
import { canonicalSource } from "../../../schemas/identity.ts";
import type { MarketplaceSource } from "../../../schemas/source-spec.ts";
import type { Catalogs } from "../../catalog/catalogs.ts";
import type { CatalogSnapshot } from "../../catalog/snapshot.ts";
import { searchEntry } from "../../install/entries.ts";
import type { PluginRequest } from "../../install/change.ts";
import { joinId, LOCAL_MARKET } from "../../install/ids.ts";
import type { PluginSources } from "../../sources/offer.ts";
import { type Pin, pinOf } from "./pin.ts";
import type { HeldPlugin, Holdings, Unplaced } from "./holding.ts";

/** A marketplace that plugins are taken from. */
export interface ProposedMarketplace {
  /** Its own name, which is its name here. */
  readonly name: string;
  readonly source: MarketplaceSource;
  readonly isNew: boolean;
}

/** A plugin that would be installed here. */
export interface ProposedPlugin extends Pin {
  readonly id: string;
  /** Absent where the agents leave it to the author. */
  readonly enabled?: boolean | undefined;
  /** What an agent had. */
  readonly had?: string | undefined;
  /** Absolute folder, for one that no marketplace has. */
  readonly path?: string | undefined;
  /** The agents that have it by themselves. */
  readonly agents: readonly string[];
}

/** A plugin that an agent keeps beside the one from here, and what takes it away. */
export interface Double {
  readonly agent: string;
  readonly id: string;
  readonly takeAway: string;
}

/** What an import would do; nothing of it is done yet. */
export interface Proposal {
  readonly marketplaces: readonly ProposedMarketplace[];
  readonly plugins: readonly ProposedPlugin[];
  /** Ids that are installed here already. */
  readonly installed: readonly string[];
  readonly doubles: readonly Double[];
  readonly unplaced: readonly (Unplaced & { readonly agent: string })[];
}

/** What a proposal is made with. */
export interface ProposalOptions {
  readonly catalogs: Catalogs;
  readonly sources: PluginSources;
  readonly isInstalled: (id: string) => boolean;
  readonly progress: (message: string) => void;
}

/** Looks for a place for everything that agents hold. Catalogs are looked at and not added. Throws what an interruption throws. */
export async function propose(holdings: readonly Holdings[], options: ProposalOptions): Promise<Proposal> {
  const proposer = new Proposer(options);
  for (const one of holdings) await proposer.take(one);
  return proposer.proposal();
}

/** Why something has no place. */
class NoPlace {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

class Proposer {
  readonly #options: ProposalOptions;
  /** By the canonical text of a source: each is asked once. */
  readonly #looked = new Map<string, CatalogSnapshot | NoPlace>();
  readonly #marketplaces = new Map<string, ProposedMarketplace>();
  readonly #plugins = new Map<string, ProposedPlugin>();
  readonly #installed = new Set<string>();
  readonly #doubles: Double[] = [];
  readonly #unplaced: (Unplaced & { readonly agent: string })[] = [];

  constructor(options: ProposalOptions) {
    this.#options = options;
  }

  async take({ agent, marketplaces, plugins, unplaced }: Holdings): Promise<void> {
    this.#unplaced.push(...unplaced.map((one) => ({ ...one, agent })));
    const known = new Map(marketplaces.map((one) => [one.name, one.source]));
    for (const { name, source, where } of marketplaces) {
      const found = await this.#look(source);
      if (found instanceof NoPlace) this.#unplaced.push({ agent, what: `marketplace ${name}`, where, why: found.why });
      else if (!this.#use(found))
        this.#unplaced.push({ agent, what: `marketplace ${name}`, where, why: twoSources(found) });
    }
    for (const held of plugins) {
      const placed = await this.#place(held, known);
      if (placed instanceof NoPlace) {
        this.#unplaced.push({ agent, what: `plugin ${textOf(held)}`, where: held.where, why: placed.why });
      } else this.#add(agent, held, placed);
    }
  }

  proposal(): Proposal {
    const byName = <T extends { readonly name: string }>(left: T, right: T): number =>
      left.name < right.name ? -1 : 1;
    return {
      marketplaces: [...this.#marketplaces.values()].toSorted(byName),
      plugins: [...this.#plugins.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1)),
      installed: [...this.#installed].toSorted(),
      doubles: this.#doubles,
      unplaced: this.#unplaced,
    };
  }

  #add(agent: string, held: HeldPlugin, placed: Omit<ProposedPlugin, "agents">): void {
    const { id } = placed;
    // What a plugin is read from is not to be deleted.
    const isSource = placed.path !== undefined && held.outlives !== true;
    const takeAway = isSource
      ? `move \`${placed.path}\` elsewhere and \`plugin add\` it from there, or leave it where it is and \`plugin remove ${id}\``
      : held.takeAway;
    this.#doubles.push({ agent, id, takeAway });
    if (this.#options.isInstalled(id)) {
      this.#installed.add(id);
      return;
    }
    const before = this.#plugins.get(id);
    if (before === undefined) this.#plugins.set(id, { ...placed, agents: [agent] });
    else {
      // On in one agent is on here: every agent gets the same set.
      const enabled = before.enabled === true || placed.enabled === true ? true : (before.enabled ?? placed.enabled);
      this.#plugins.set(id, {
        ...placed,
        ...before,
        ...(enabled !== undefined && { enabled }),
        agents: [...new Set([...before.agents, agent])],
      });
    }
  }

  async #place(
    held: HeldPlugin,
    known: ReadonlyMap<string, MarketplaceSource>,
  ): Promise<Omit<ProposedPlugin, "agents"> | NoPlace> {
    const facts = {
      ...(held.enabled !== undefined && { enabled: held.enabled }),
      ...(held.version !== undefined && { had: held.version }),
    };
    const found = await this.#find(held, known);
    if (!(found instanceof NoPlace)) return { ...facts, ...found };
    if (held.isAddable !== true || held.folder === undefined) return found;
    return { ...facts, id: joinId(held.name, LOCAL_MARKET), path: held.folder };
  }

  async #find(
    { name, market, version, commit }: HeldPlugin,
    known: ReadonlyMap<string, MarketplaceSource>,
  ): Promise<(Pin & { readonly id: string }) | NoPlace> {
    if (market === undefined) return new NoPlace("where it came from is not written down");
    const source = market.source ?? known.get(market.name);
    const snapshot = source === undefined ? await this.#added(market.name) : await this.#look(source);
    if (snapshot instanceof NoPlace) return snapshot;
    const found = searchEntry(snapshot, name);
    if (found.kind === "absent") return new NoPlace(found.error.message);
    const pin = await this.#attempt(async () =>
      pinOf(await this.#options.sources.offers(snapshot, found.entry), version, commit),
    );
    if (pin instanceof NoPlace) return pin;
    if (!this.#use(snapshot)) return new NoPlace(twoSources(snapshot));
    return { ...pin, id: joinId(found.entry.name, snapshot.market.name) };
  }

  /** Whether a marketplace can have its name here: no other one of this import has it. */
  #use({ market: { name, source, identity } }: CatalogSnapshot): boolean {
    const before = this.#marketplaces.get(name);
    if (before !== undefined) return canonicalSource(before.source).identity === identity;
    this.#marketplaces.set(name, { name, source, isNew: !this.#options.catalogs.has(name) });
    return true;
  }

  async #added(name: string): Promise<CatalogSnapshot | NoPlace> {
    const { catalogs } = this.#options;
    if (!catalogs.has(name)) return new NoPlace(`where its marketplace \`${name}\` comes from is not written down`);
    return this.#attempt(() => catalogs.get(name));
  }

  async #look(source: MarketplaceSource): Promise<CatalogSnapshot | NoPlace> {
    const key = JSON.stringify(source);
    const known = this.#looked.get(key);
    if (known !== undefined) return known;
    this.#options.progress(`looking at ${Object.values(source).slice(1).join(" ")}`);
    const found = await this.#attempt(async () => {
      const { snapshot } = await this.#options.catalogs.add(source, { dryRun: true });
      return snapshot;
    });
    this.#looked.set(key, found);
    return found;
  }

  async #attempt<T>(run: () => Promise<T>): Promise<T | NoPlace> {
    try {
      return await run();
    } catch (error) {
      if (!isCodedError(error) || error.code === "E_INTERRUPTED") throw error;
      return new NoPlace(error.message);
    }
  }
}

function twoSources({ market: { name } }: CatalogSnapshot): string {
  return `two agents know two marketplaces called \`${name}\`, and the other one came first`;
}

function textOf({ name, market }: HeldPlugin): string {
  return market === undefined || market.name === name ? name : `${name}@${market.name}`;
}

/** What `add` is asked for. */
export function requestsOf(plugins: readonly ProposedPlugin[]): readonly PluginRequest[] {
  return plugins.map(({ id, path, range, enabled }): PluginRequest => {
    const on = enabled === undefined ? {} : { enabled };
    if (path !== undefined) return { kind: "path", path, ...on };
    const at = id.lastIndexOf("@");
    return {
      kind: "named",
      name: id.slice(0, at),
      market: id.slice(at + 1),
      ...(range !== undefined && { range }),
      ...on,
    };
  });
}
