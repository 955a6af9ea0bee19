import { resolve } from "node:path";
import satisfies from "semver/functions/satisfies.js";
import { canonicalSource } from "../../schemas/identity.ts";
import type { LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { type GraphNode, reachable } from "../plan/graph.ts";
import { LOCAL_MARKET, splitId } from "./ids.ts";

/**
 * The first way in which a lock does not answer an intent, in words; `undefined` when it answers it exactly. Directories in
 * the intent start from `base`.
 */
export function disagreement(intent: Intent, lock: Lockfile, base: string): string | undefined {
  const problem = unanswered(intent, lock) ?? strays(intent, lock, base).values().next().value;
  if (problem !== undefined) return problem;
  const needed = reachable(nodesOf(lock), [...Object.keys(intent.plugins), ...Object.keys(intent.overrides)]);
  const extra = Object.keys(lock.plugins).find((id) => !needed.has(id));
  return extra === undefined ? undefined : `the lock holds \`${extra}\`, which nothing needs`;
}

/** The first thing that an intent needs and a lock does not hold, in words; what else the lock holds does not matter. */
export function unanswered(intent: Intent, lock: Lockfile): string | undefined {
  const nodes = nodesOf(lock);
  for (const [id, wanted] of Object.entries(intent.plugins)) {
    const problem = fails(id, intent.overrides[id] ?? wanted.range, nodes.get(id));
    if (problem !== undefined) return problem;
  }
  for (const needing of reachable(nodes, Object.keys(intent.plugins))) {
    for (const [id, range] of Object.entries(nodes.get(needing)?.dependencies ?? {})) {
      const problem = fails(id, intent.overrides[id] ?? range, nodes.get(id));
      if (problem !== undefined) return `${problem}, needed by \`${needing}\``;
    }
  }
  return undefined;
}

/** Plugins that a lock takes from elsewhere than the intent says, by id, each with the difference in words. */
export function strays(intent: Intent, lock: Lockfile, base: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, source] of Object.entries(intent.marketplaces)) {
    const [wanted, bound] = [canonicalSource(source).identity, lock.marketplaces[name]?.identity];
    if (bound === undefined || bound === wanted) continue;
    for (const id of Object.keys(lock.plugins))
      if (splitId(id).market === name)
        found.set(id, `\`${name}\` is \`${wanted}\`, but in the lock it is \`${bound}\``);
  }
  for (const [id, { path }] of Object.entries(intent.plugins)) {
    const source = lock.plugins[id]?.source;
    if (path === undefined || source === undefined || splitId(id).market !== LOCAL_MARKET) continue;
    const directory = resolve(base, path);
    if (source.kind === "directory" && source.path === directory) continue;
    found.set(id, `\`${id}\` lies in \`${directory}\`, but the lock takes it from elsewhere`);
  }
  return found;
}

function nodesOf(lock: Lockfile): ReadonlyMap<string, GraphNode & LockedPlugin> {
  return new Map(Object.entries(lock.plugins).map(([id, plugin]) => [id, { id, ...plugin }]));
}

function fails(id: string, range: string, locked: LockedPlugin | undefined): string | undefined {
  if (locked === undefined) return `\`${id}\` is not in the lock`;
  if (rangeAdmits(range, locked.version)) return undefined;
  return `the lock holds \`${id}\` ${locked.version}, which \`${range}\` does not admit`;
}

/** Whether a range admits a version; a version that is not semver is admitted by `*` alone. */
export function rangeAdmits(range: string, version: string): boolean {
  const trimmed = range.trim();
  return trimmed === "*" || trimmed === "" || satisfies(version, trimmed);
}
