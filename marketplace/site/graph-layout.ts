/** A plugin in the picture of a graph. */
export interface GraphNode {
  readonly id: string;
  /** Position of its upper left corner. */
  readonly x: number;
  readonly y: number;
  /** What the picture is about. */
  readonly isSubject: boolean;
}

/** A need, as a line from the right side of one node to the left side of another. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly range: string;
  /** The `d` of a path. */
  readonly path: string;
}

/** A graph with a place for everything. */
export interface GraphLayout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** How many nodes were left out. */
  readonly more: number;
}

/** Size of every node. */
export const NODE_SIZE = { width: 180, height: 34 } as const;

const GAP = { x: 64, y: 14 } as const;
const MARGIN = 4;
const MAX_NODES = 60;

/** One need of a plugin. */
export interface GraphNeed {
  readonly id: string;
  readonly range: string;
}

/**
 * Lays out what a plugin needs, directly or not, in columns to its right and what needs it directly to its left.
 * `needsOf` knows the needs of every plugin of the marketplace; the result depends on nothing else.
 */
export function layoutGraph(
  subject: string,
  needsOf: (id: string) => readonly GraphNeed[],
  dependants: readonly string[],
): GraphLayout {
  const columns = columnsFrom(subject, needsOf);
  const all = [...dependants.filter((id) => !columns.has(id)).map((id) => [id, -1] as const), ...columns];
  const kept = all
    .toSorted(([one, left], [other, right]) => Math.abs(left) - Math.abs(right) || (one < other ? -1 : 1))
    .slice(0, MAX_NODES);
  const nodes = place(kept, subject, needsOf);
  const at = new Map(nodes.map((node) => [node.id, node]));
  const left = new Set(dependants.filter((id) => !columns.has(id)));
  const edges = nodes.flatMap((node) =>
    needsOf(node.id).flatMap(({ id, range }): readonly GraphEdge[] => {
      const target = at.get(id);
      // What needs it is there for that alone: its other needs are on its own page.
      return target === undefined || (left.has(node.id) && id !== subject)
        ? []
        : [{ from: node.id, to: id, range, path: curve(node, target) }];
    }),
  );
  return {
    width: Math.max(...nodes.map(({ x }) => x)) + NODE_SIZE.width + MARGIN,
    height: Math.max(...nodes.map(({ y }) => y)) + NODE_SIZE.height + MARGIN,
    nodes,
    edges,
    more: all.length - nodes.length,
  };
}

/** Column of every plugin that is needed: as far right as the longest way to it; a cycle ends the way. */
function columnsFrom(subject: string, needsOf: (id: string) => readonly GraphNeed[]): ReadonlyMap<string, number> {
  const columns = new Map([[subject, 0]]);
  const order: string[] = [];
  const visit = (id: string, seen: Set<string>): void => {
    seen.add(id);
    for (const need of needsOf(id)) if (!seen.has(need.id)) visit(need.id, seen);
    order.unshift(id);
  };
  visit(subject, new Set());
  const rank = new Map(order.map((id, index) => [id, index]));
  for (const id of order) {
    for (const need of needsOf(id)) {
      const isForward = (rank.get(need.id) ?? 0) > (rank.get(id) ?? 0);
      if (isForward) columns.set(need.id, Math.max(columns.get(need.id) ?? 0, (columns.get(id) ?? 0) + 1));
    }
  }
  return columns;
}

/** Rows within a column follow the mean row of the neighbours in the column before. */
function place(
  kept: readonly (readonly [id: string, column: number])[],
  subject: string,
  needsOf: (id: string) => readonly GraphNeed[],
): readonly GraphNode[] {
  const first = Math.min(0, ...kept.map(([, column]) => column));
  const byColumn = Map.groupBy(kept, ([, column]) => column);
  const tallest = Math.max(...[...byColumn.values()].map((ones) => ones.length));
  const rows = new Map<string, number>();
  const nodes: GraphNode[] = [];
  for (const column of [...byColumn.keys()].toSorted((left, right) => left - right)) {
    const ids = (byColumn.get(column) ?? []).map(([id]) => id).toSorted();
    const weight = (id: string): number => {
      const before = [...rows].filter(([other]) => needsOf(other).some((need) => need.id === id));
      return before.length === 0 ? 0 : before.reduce((sum, [, row]) => sum + row, 0) / before.length;
    };
    const weights = new Map(ids.map((id) => [id, weight(id)]));
    const sorted = ids.toSorted((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0));
    const top = (tallest - sorted.length) / 2;
    for (const [index, id] of sorted.entries()) {
      rows.set(id, top + index);
      nodes.push({
        id,
        x: MARGIN + (column - first) * (NODE_SIZE.width + GAP.x),
        y: MARGIN + (top + index) * (NODE_SIZE.height + GAP.y),
        isSubject: id === subject,
      });
    }
  }
  return nodes;
}

function curve(from: GraphNode, to: GraphNode): string {
  const [x1, y1] = [from.x + NODE_SIZE.width, from.y + NODE_SIZE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE_SIZE.height / 2];
  // A way back, in a cycle, bends around its ends.
  const bend = x2 > x1 ? (x2 - x1) / 2 : GAP.x;
  return `M${String(x1)} ${String(y1)}C${String(x1 + bend)} ${String(y1)} ${String(x2 - bend)} ${String(y2)} ${String(x2)} ${String(y2)}`;
}
