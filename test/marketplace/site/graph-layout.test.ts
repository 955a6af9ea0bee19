import { describe, expect, it } from "vitest";
import { layoutGraph, NODE_SIZE, type GraphLayout, type GraphNeed } from "../../../marketplace/site/graph-layout.ts";

type Needs = Readonly<Record<string, readonly string[]>>;

function layout(subject: string, needs: Needs, dependants: readonly string[] = []): GraphLayout {
  const needsOf = (id: string): readonly GraphNeed[] => (needs[id] ?? []).map((other) => ({ id: other, range: "*" }));
  return layoutGraph(subject, needsOf, dependants);
}

const columnsOf = ({ nodes }: GraphLayout): Readonly<Record<string, number>> => {
  const places = [...new Set(nodes.map(({ x }) => x))].toSorted((left, right) => left - right);
  return Object.fromEntries(nodes.map(({ id, x }) => [id, places.indexOf(x)]));
};

describe("the picture of what needs what", () => {
  it("has every need right of what needs it, as far as the longest way", () => {
    const found = layout("a", { a: ["b", "c"], b: ["c"], c: ["d"] }, ["z"]);
    expect(columnsOf(found)).toEqual({ z: 0, a: 1, b: 2, c: 3, d: 4 });
    expect(found.edges.map(({ from, to }) => `${from}${to}`).toSorted()).toEqual(["ab", "ac", "bc", "cd"]);
  });

  it("leads a line around what stands in the columns that it crosses", () => {
    const { nodes, edges } = layout("a", { a: ["b", "c"], b: ["c"] });
    const direct = edges.find(({ from, to }) => from === "a" && to === "c");
    const between = nodes.find(({ id }) => id === "b");
    const crossing = /L([\d.]+) ([\d.]+)/u.exec(direct?.path ?? "");
    expect(Number(crossing?.[1])).toBe((between?.x ?? 0) + NODE_SIZE.width);
    expect(Math.abs(Number(crossing?.[2]) - (between?.y ?? 0) - NODE_SIZE.height / 2)).toBeGreaterThanOrEqual(
      NODE_SIZE.height,
    );
  });

  it("has an end in spite of cycles", () => {
    const found = layout("a", { a: ["b"], b: ["c"], c: ["a", "b"] });
    expect(columnsOf(found)).toEqual({ a: 0, b: 1, c: 2 });
    expect(found.edges).toHaveLength(4);
  });

  it("has no two plugins in one place, and all within its size", () => {
    const many = Array.from({ length: 100 }, (_, at) => `p${String(at).padStart(3, "0")}`);
    const found = layout("a", { a: many });
    expect(found.nodes).toHaveLength(60);
    expect(found.more).toBe(41);
    expect(new Set(found.nodes.map(({ x, y }) => `${String(x)},${String(y)}`)).size).toBe(60);
    expect(
      found.nodes.every(({ x, y }) => x + NODE_SIZE.width <= found.width && y + NODE_SIZE.height <= found.height),
    ).toBe(true);
  });

  it("is the same whatever the order of the needs", () => {
    const one = layout("a", { a: ["b", "c", "d"], b: ["e"], d: ["e"] }, ["y", "z"]);
    const other = layout("a", { a: ["d", "c", "b"], b: ["e"], d: ["e"] }, ["z", "y"]);
    expect(other.nodes).toEqual(one.nodes);
  });
});
