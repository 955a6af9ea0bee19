import { enabledSet } from "../core/discover/enabled-set.ts";
import { readRegistry } from "../marketplace/catalog/registry.ts";
import { readCurrentList } from "../marketplace/generations/current-list.ts";
import { readCurrent } from "../marketplace/generations/generations.ts";
import { isCodedError } from "../schemas/errors.ts";
import type { VerbContext } from "./context.ts";
import { homeOf } from "./home.ts";

/** What a shell can be offered. */
export const NAME_KINDS = ["installed", "marketplaces"] as const;

/** A shell expands what it is offered, so nothing that it could execute is. */
const PLAIN = /^[\w@.-]+$/u;

/** Names for a shell to offer, sorted; none where they cannot be read, because a person in the middle of a line was not asking. */
export async function completableNames(
  context: VerbContext,
  kind: (typeof NAME_KINDS)[number],
): Promise<readonly string[]> {
  try {
    const home = homeOf(context.environment);
    if (kind === "marketplaces")
      return [...readRegistry(home.marketplaces).keys()].filter((name) => PLAIN.test(name)).sort();
    const generation = readCurrentList(home) ?? readCurrent(home);
    if (generation === undefined) return [];
    const ids = (await enabledSet(generation, context.cwd)).map(({ plugin }) => plugin.id);
    return shortest([...new Set(ids)].filter((id) => PLAIN.test(id)));
  } catch (error) {
    if (!isCodedError(error)) throw error;
    return [];
  }
}

/** Bare names where they are enough: bash takes `@` for the end of a word. */
function shortest(ids: readonly string[]): readonly string[] {
  const byName = Map.groupBy(ids, (id) => id.slice(0, id.lastIndexOf("@")));
  return [...byName].flatMap(([name, same]) => (same.length === 1 ? [name] : same)).sort();
}
