import type { PluginDependency } from "../../schemas/plugin-manifest.ts";
import type { Catalogs } from "../catalog/catalogs.ts";
import type { InspectedPlugin } from "../plan/inspected.ts";
import { searchEntry } from "./entries.ts";
import { joinId, LOCAL_MARKET, splitId } from "./ids.ts";
import type { Selected } from "./selected.ts";

/**
 * Locked plugins whose dependencies in the lock are not those that their manifests declare, by id, each with the difference
 * in words. A dependency may stand under another name that its marketplace gave it since.
 */
export async function misstatedDependencies(
  selections: ReadonlyMap<string, Selected>,
  inspected: ReadonlyMap<string, InspectedPlugin>,
  catalogs: Catalogs,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { kind, id } of selections.values()) {
    const plugin = inspected.get(id);
    if (kind !== "locked" || plugin === undefined) continue;
    const difference = await differenceOf(plugin, catalogs);
    if (difference !== undefined) found.set(id, `the lock misstates what \`${id}\` depends on: ${difference}`);
  }
  return found;
}

async function differenceOf(plugin: InspectedPlugin, catalogs: Catalogs): Promise<string | undefined> {
  const { market } = splitId(plugin.id);
  const locked = plugin.dependencies;
  const declared = new Map<string, string>();
  // One that is declared twice counts as it is declared last.
  for (const dependency of plugin.manifest.dependencies)
    declared.set(await lockedAs(dependency, market, locked, catalogs), dependency.range);
  for (const [id, range] of declared) {
    if (!Object.hasOwn(locked, id)) return `it needs \`${id}\``;
    if (locked[id] !== range) return `it needs \`${range}\` of \`${id}\``;
  }
  const extra = Object.keys(locked).find((id) => !declared.has(id));
  return extra === undefined ? undefined : `it does not need \`${extra}\``;
}

/** The id under which the lock has a dependency, or should have it. */
async function lockedAs(
  { name, market, range }: PluginDependency,
  own: string,
  locked: Readonly<Record<string, string>>,
  catalogs: Catalogs,
): Promise<string> {
  const wanted = market ?? own;
  const exact = joinId(name, wanted);
  if (Object.hasOwn(locked, exact)) return exact;
  // A plugin that was added by path may leave the marketplace of its dependencies open.
  const isOpen = own === LOCAL_MARKET && market === undefined;
  for (const [id, lockedRange] of Object.entries(locked)) {
    const other = splitId(id);
    if (other.market !== wanted && !isOpen) continue;
    if (other.name === name) return id;
    if (lockedRange === range && (await isRenamed(name, other.name, other.market, catalogs))) return id;
  }
  return exact;
}

/** Whether two names lead to one entry today; where the catalog is not known, nobody can say that they do not. */
async function isRenamed(left: string, right: string, market: string, catalogs: Catalogs): Promise<boolean> {
  if (!catalogs.has(market)) return true;
  const snapshot = await catalogs.get(market);
  const [one, other] = [searchEntry(snapshot, left), searchEntry(snapshot, right)];
  return one.kind === "found" && other.kind === "found" && one.entry.name === other.entry.name;
}
