import type { MarketplaceSource } from "../../../schemas/source-spec.ts";

/** A marketplace that an agent knows. */
export interface HeldMarketplace {
  readonly name: string;
  readonly source: MarketplaceSource;
  /** The file that says so. */
  readonly where: string;
}

/** A plugin, extension or skill that an agent has by itself. */
export interface HeldPlugin {
  readonly name: string;
  /** The marketplace that it was installed from, as the agent calls it; `source` when the record of the plugin itself names it. */
  readonly market?: { readonly name: string; readonly source?: MarketplaceSource | undefined } | undefined;
  /** Absolute folder of its files in the agent. */
  readonly folder?: string | undefined;
  /** Whether the folder itself is a plugin that can be added where no marketplace has it. */
  readonly isAddable?: boolean | undefined;
  /** Whether the folder stays when the agent's own is taken away. */
  readonly outlives?: boolean | undefined;
  readonly version?: string | undefined;
  readonly commit?: string | undefined;
  /** Absent where the agent leaves it to the author. */
  readonly enabled?: boolean | undefined;
  /** The file that says so. */
  readonly where: string;
  /** A command, or a sentence, that takes it out of the agent. */
  readonly takeAway: string;
}

/** Something of an agent that has no place here, and why. */
export interface Unplaced {
  readonly what: string;
  readonly where: string;
  readonly why: string;
}

/** What an agent has by itself; what came from here is not in it. */
export interface Holdings {
  /** As in `plugin import <agent>`. */
  readonly agent: string;
  readonly title: string;
  readonly marketplaces: readonly HeldMarketplace[];
  readonly plugins: readonly HeldPlugin[];
  readonly unplaced: readonly Unplaced[];
}

/** Whether a marketplace of an agent is one that was generated here (`placeOf`). */
export function isGenerated(market: string): boolean {
  return /^plugsmith(?:-(?:[a-z0-9-]+-)?[0-9a-f]{8})?$/u.test(market);
}
