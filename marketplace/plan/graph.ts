/** The part of a plugin that dependency questions need. */
export interface GraphNode {
  readonly id: string;
  /** Required id → range. */
  readonly dependencies: Readonly<Record<string, string>>;
}

/** One step of an answer to "why is this here": the id and the range with which it asks for the next one. */
export interface WhyStep {
  readonly id: string;
  readonly range: string;
}

/** Every id reachable from the given ones, themselves included; ids without a node are passed over. */
export function reachable(nodes: ReadonlyMap<string, GraphNode>, from: Iterable<string>): ReadonlySet<string> {
  const seen = new Set<string>();
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes.get(id);
    if (node === undefined || seen.has(id)) continue;
    seen.add(id);
    open.push(...Object.keys(node.dependencies));
  }
  return seen;
}

/** Ids that depend directly on `id`, sorted. */
export function dependants(nodes: Iterable<GraphNode>, id: string): readonly string[] {
  const found: string[] = [];
  for (const node of nodes) if (node.id !== id && Object.hasOwn(node.dependencies, id)) found.push(node.id);
  return found.sort();
}

/**
 * Looks up the shortest chain from one of `roots` to an id, both included; empty when there is none. The last range is `""`.
 * The graph is walked once for all ids.
 */
export function shortestChains(
  nodes: ReadonlyMap<string, GraphNode>,
  roots: readonly string[],
): (id: string) => readonly WhyStep[] {
  const parent = new Map<string, string>();
  const queue = [...roots].filter((root) => nodes.has(root)).sort();
  const seen = new Set(queue);
  for (const current of queue) {
    for (const dependency of Object.keys(nodes.get(current)?.dependencies ?? {}).sort()) {
      if (seen.has(dependency)) continue;
      seen.add(dependency);
      parent.set(dependency, current);
      queue.push(dependency);
    }
  }
  return (id) => (seen.has(id) ? unwind(nodes, parent, id) : []);
}

/** Every simple chain from a root to `id`, at most `limit`, shortest first. */
export function whyChains(
  nodes: ReadonlyMap<string, GraphNode>,
  roots: readonly string[],
  id: string,
  limit: number,
): readonly (readonly WhyStep[])[] {
  const chains: WhyStep[][] = [];
  let level: string[][] = [[id]];
  const rootSet = new Set(roots);
  while (level.length > 0 && chains.length < limit) {
    const next: string[][] = [];
    for (const path of level) {
      const head = path[0];
      if (head === undefined) continue;
      if (rootSet.has(head)) chains.push(withRanges(nodes, path));
      if (next.length > limit * 64) continue;
      for (const upper of dependants(nodes.values(), head)) if (!path.includes(upper)) next.push([upper, ...path]);
    }
    level = next;
  }
  return chains.slice(0, limit);
}

function unwind(nodes: ReadonlyMap<string, GraphNode>, parent: ReadonlyMap<string, string>, id: string): WhyStep[] {
  const path = [id];
  for (let upper = parent.get(id); upper !== undefined; upper = parent.get(upper)) path.unshift(upper);
  return withRanges(nodes, path);
}

function withRanges(nodes: ReadonlyMap<string, GraphNode>, path: readonly string[]): WhyStep[] {
  return path.map((step, index) => {
    const lower = path[index + 1];
    return { id: step, range: lower === undefined ? "" : (nodes.get(step)?.dependencies[lower] ?? "*") };
  });
}
