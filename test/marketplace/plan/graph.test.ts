import { describe, expect, it } from "vitest";
import { dependants, reachable, shortestChains, whyChains } from "../../../marketplace/plan/graph.ts";

const NODES = new Map(
  Object.entries({
    a: { b: "^1", c: "~2" },
    b: { d: "*" },
    c: { d: ">=1" },
    d: { a: "*" },
    lone: {},
  }).map(([id, dependencies]) => [id, { id, dependencies: dependencies as Record<string, string> }]),
);

describe("the dependency graph", () => {
  it("reaches everything below the start and passes over ids it does not know", () => {
    expect([...reachable(NODES, ["b", "nowhere"])].sort()).toEqual(["a", "b", "c", "d"]);
  });

  it("names direct dependants in order", () => {
    expect(dependants(NODES.values(), "d")).toEqual(["b", "c"]);
  });

  it("explains a plugin by the shortest chain with the range of every step", () => {
    expect(shortestChains(NODES, ["a", "lone"])("d")).toEqual([
      { id: "a", range: "^1" },
      { id: "b", range: "*" },
      { id: "d", range: "" },
    ]);
  });

  it("has no chain for what no root reaches", () => {
    expect(shortestChains(NODES, ["lone"])("d")).toEqual([]);
  });

  it("gives every simple chain, shortest first, and survives cycles", () => {
    const chains = whyChains(NODES, ["a"], "d", 10).map((chain) => chain.map((step) => step.id).join(">"));
    expect(chains).toEqual(["a>b>d", "a>c>d"]);
  });
});
