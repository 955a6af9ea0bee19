import { CodedError } from "../../schemas/errors.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";
import type { GraphNode } from "../plan/graph.ts";
import type { Selected } from "./selected.ts";

/**
 * Checks every dependency that leaves its marketplace: the marketplace of the plugin that was asked for must list the
 * target, and only that one counts for the whole chain; or the dependency was itself asked for (formats.md §3.4). What
 * this machine runs already stays, and a marketplace whose catalog is not here forbids nothing.
 * Throws `E_UNSATISFIABLE` with the chain.
 */
export async function checkCrossings(
  intent: Intent,
  plugins: ReadonlyMap<string, Selected>,
  catalogs: Catalogs,
  running: ReadonlyMap<string, GraphNode> = new Map(),
): Promise<void> {
  if (![...plugins].some(([id, selected]) => leavesMarket(id, selected))) return;
  const permitted = new Set<string>();
  const refused = new Map<string, readonly string[]>();
  for (const root of Object.keys(intent.plugins)) {
    const { market } = splitId(root);
    if (!plugins.has(root)) continue;
    const isKnown = market === LOCAL_MARKET || catalogs.has(market);
    const allowed = catalogs.has(market)
      ? (await catalogs.get(market)).catalog.allowCrossMarketplaceDependenciesOn
      : [];
    const isAllowed = (from: string, to: string): boolean => {
      const [source, target] = [splitId(from).market, splitId(to).market];
      if (source === target || source === LOCAL_MARKET || allowed.includes(target) || !isKnown) return true;
      const runs = running.has(to) && Object.hasOwn(running.get(from)?.dependencies ?? {}, to);
      return runs || intent.plugins[to]?.enabled === true;
    };
    const open: (readonly string[])[] = [[root]];
    const seen = new Set([root]);
    for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
      const from = chain.at(-1) ?? root;
      const selected = plugins.get(from);
      for (const to of selected === undefined ? [] : needsOf(selected)) {
        const edge = `${from} ${to}`;
        if (!isAllowed(from, to)) {
          if (!refused.has(edge)) refused.set(edge, [...chain, to]);
          continue;
        }
        permitted.add(edge);
        if (seen.has(to)) continue;
        seen.add(to);
        open.push([...chain, to]);
      }
    }
  }
  for (const [edge, chain] of refused) {
    if (permitted.has(edge)) continue;
    const target = chain.at(-1) ?? "";
    const { market } = splitId(chain[0] ?? "");
    throw new CodedError(
      "E_UNSATISFIABLE",
      `${chain.map((id) => `\`${id}\``).join(" needs ")}, but \`${market}\` does not list \`${splitId(target).market}\` under \`allowCrossMarketplaceDependenciesOn\``,
      {
        hint: `install it yourself first: \`plugin add ${target}\``,
        data: { chain },
      },
    );
  }
}

function needsOf(selected: Selected): readonly string[] {
  return Object.keys(selected.kind === "locked" ? selected.locked.dependencies : selected.dependencies);
}

function leavesMarket(id: string, selected: Selected): boolean {
  const { market } = splitId(id);
  return market !== LOCAL_MARKET && needsOf(selected).some((needed) => splitId(needed).market !== market);
}
