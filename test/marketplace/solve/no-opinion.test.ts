import { describe, expect, it } from "vitest";

import { solve } from "../../../marketplace/solve/index.ts";
import { registryProvider, requestOf, type Problem } from "./registry.ts";

interface Case extends Problem {
  readonly name: string;
  /** Version of `a`; undefined when there is no answer. */
  readonly open: string | undefined;
  readonly strict: string | undefined;
}

const CASES: readonly Case[] = [
  {
    name: "the only version is a pre-release",
    registry: { a: { "2.0.0-rc.1": {} } },
    root: { a: "*" },
    open: "2.0.0-rc.1",
    strict: undefined,
  },
  {
    name: "a release is lower than a pre-release",
    registry: { a: { "1.0.0": {}, "2.0.0-rc.1": {} } },
    root: { a: "*" },
    open: "1.0.0",
    strict: "1.0.0",
  },
  {
    name: "the lock holds a pre-release",
    registry: { a: { "1.0.0": {}, "2.0.0-rc.1": {} } },
    root: { a: "*" },
    locked: { a: "2.0.0-rc.1" },
    open: "2.0.0-rc.1",
    strict: "1.0.0",
  },
  {
    name: "a real range is written beside it",
    registry: { a: { "2.0.0-rc.1": {} }, b: { "1.0.0": { requires: { a: "^2.0.0" } } } },
    root: { a: "*", b: "*" },
    open: undefined,
    strict: undefined,
  },
  {
    name: "a range names the pre-release",
    registry: { a: { "1.0.0": {}, "2.0.0-rc.1": {} } },
    root: { a: "^2.0.0-rc.0" },
    open: "2.0.0-rc.1",
    strict: "2.0.0-rc.1",
  },
];

describe("a bare `*` that stands for no opinion", () => {
  it.each(CASES)("chooses $open when $name", async (problem) => {
    const chosen = async (starAdmitsAll: boolean): Promise<string | undefined> => {
      const outcome = await solve({ ...requestOf(problem), starAdmitsAll }, registryProvider(problem.registry));
      return outcome.kind === "solution" ? outcome.versions.get("a") : undefined;
    };
    expect(await chosen(true)).toBe(problem.open);
    expect(await chosen(false)).toBe(problem.strict);
  });
});
