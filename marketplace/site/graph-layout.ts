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
  const columns = new Map(columnsFrom(subject, needsOf));
  const left = new Set(dependants.filter((id) => !columns.has(id)));
  for (const id of left) columns.set(id, -1);
  const kept = [...columns]
    .toSorted(([one, left], [other, right]) => Math.abs(left) - Math.abs(right) || (one < other ? -1 : 1))
    .slice(0, MAX_NODES);
  const isKept = new Set(kept.map(([id]) => id));
  // What needs it is there for that alone: its other needs are on its own page.
  const lines = [...isKept].flatMap((from) =>
    needsOf(from)
      .filter(({ id }) => isKept.has(id) && (!left.has(from) || id === subject))
      .map(({ id, range }) => ({ from, to: id, range, way: wayOf(from, id, columns) })),
  );
  const places = place(kept, lines);
  const nodes = kept.flatMap(([id]): readonly GraphNode[] => {
    const at = places.get(id);
    return at === undefined ? [] : [{ id, ...at, isSubject: id === subject }];
  });
  return {
    width: Math.max(...[...places.values()].map(({ x }) => x)) + NODE_SIZE.width + MARGIN,
    height: Math.max(...[...places.values()].map(({ y }) => y)) + NODE_SIZE.height + MARGIN,
    nodes,
    edges: lines.map(({ from, to, range, way }) => ({ from, to, range, path: pathThrough(way, places) })),
    more: columns.size - nodes.length,
  };
}

/** A line from a plugin to what it needs; `way` has both, and between them a place of its own in every column that it crosses. */
interface Line {
  readonly from: string;
  readonly to: string;
  readonly way: readonly { readonly id: string; readonly column: number }[];
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function wayOf(from: string, to: string, columns: ReadonlyMap<string, number>): Line["way"] {
  const [first, last] = [columns.get(from) ?? 0, columns.get(to) ?? 0];
  const between = Array.from({ length: Math.max(0, last - first - 1) }, (_, at) => ({
    id: `${from}\0${to}\0${String(at)}`,
    column: first + 1 + at,
  }));
  return [{ id: from, column: first }, ...between, { id: to, column: last }];
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
  lines: readonly Line[],
): ReadonlyMap<string, Place> {
  const crossed = lines.flatMap(({ way }) => way.slice(1, -1).map(({ id, column }) => [id, column] as const));
  const all = [...kept, ...crossed];
  const before = new Map<string, string[]>();
  for (const { way } of lines) {
    for (const [at, { id }] of way.slice(1).entries()) {
      const previous = way[at]?.id ?? "";
      const known = before.get(id);
      if (known === undefined) before.set(id, [previous]);
      else known.push(previous);
    }
  }
  const first = Math.min(0, ...all.map(([, column]) => column));
  const byColumn = Map.groupBy(all, ([, column]) => column);
  const tallest = Math.max(...[...byColumn.values()].map((ones) => ones.length));
  const rows = new Map<string, number>();
  const places = new Map<string, Place>();
  for (const column of [...byColumn.keys()].toSorted((one, other) => one - other)) {
    const ids = (byColumn.get(column) ?? []).map(([id]) => id).toSorted();
    const weights = new Map(ids.map((id) => [id, meanRow(before.get(id) ?? [], rows)]));
    const sorted = ids.toSorted((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0));
    const top = (tallest - sorted.length) / 2;
    for (const [index, id] of sorted.entries()) {
      rows.set(id, top + index);
      places.set(id, {
        x: MARGIN + (column - first) * (NODE_SIZE.width + GAP.x),
        y: MARGIN + (top + index) * (NODE_SIZE.height + GAP.y),
      });
    }
  }
  return places;
}

function meanRow(ids: readonly string[], rows: ReadonlyMap<string, number>): number {
  const known = ids.flatMap((id) => rows.get(id) ?? []);
  return known.length === 0 ? 0 : known.reduce((sum, row) => sum + row, 0) / known.length;
}

/** From the right side of the first to the left side of the last, straight across every place between. */
function pathThrough(way: Line["way"], places: ReadonlyMap<string, Place>): string {
  const stops = way.flatMap(({ id }) => places.get(id) ?? []);
  const middle = NODE_SIZE.height / 2;
  return stops
    .map((stop, at) => {
      const leaving = `${String(stop.x + NODE_SIZE.width)} ${String(stop.y + middle)}`;
      const previous = stops[at - 1];
      if (previous === undefined) return `M${leaving}`;
      return `${curve(previous, stop)}${at < stops.length - 1 ? `L${leaving}` : ""}`;
    })
    .join("");
}

function curve(from: Place, to: Place): string {
  const [x1, y1] = [from.x + NODE_SIZE.width, from.y + NODE_SIZE.height / 2];
  const [x2, y2] = [to.x, to.y + NODE_SIZE.height / 2];
  // A way back, in a cycle, bends around its ends.
  const bend = x2 > x1 ? (x2 - x1) / 2 : GAP.x;
  return `C${String(x1 + bend)} ${String(y1)} ${String(x2 - bend)} ${String(y2)} ${String(x2)} ${String(y2)}`;
}
