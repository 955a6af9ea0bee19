import satisfies from "semver/functions/satisfies.js";
import type { LockedPlugin, Lockfile } from "../../schemas/lockfile.ts";
import type { Intent } from "../../schemas/plugins-json.ts";
import { reachable } from "../plan/graph.ts";

/** The first way in which a lock does not answer an intent, in words; `undefined` when it answers it exactly. */
export function disagreement(intent: Intent, lock: Lockfile): string | undefined {
  const nodes = new Map(Object.entries(lock.plugins).map(([id, plugin]) => [id, { id, ...plugin }]));
  for (const [id, wanted] of Object.entries(intent.plugins)) {
    const problem = fails(id, intent.overrides[id] ?? wanted.range, nodes.get(id));
    if (problem !== undefined) return problem;
  }
  for (const node of nodes.values()) {
    for (const [id, range] of Object.entries(node.dependencies)) {
      const problem = fails(id, intent.overrides[id] ?? range, nodes.get(id));
      if (problem !== undefined) return `${problem}, needed by \`${node.id}\``;
    }
  }
  const needed = reachable(nodes, [...Object.keys(intent.plugins), ...Object.keys(intent.overrides)]);
  const extra = [...nodes.keys()].find((id) => !needed.has(id));
  return extra === undefined ? undefined : `the lock holds \`${extra}\`, which nothing needs`;
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
