import { describe, expect, it } from "vitest";
import { queryText, readQuery, search, searchable, type Query } from "../../../marketplace/site/browser/search.ts";
import type { IndexEntry } from "../../../marketplace/site/views/index-entry.ts";

const SKILL = 1;
const HOOK = 8;
const row = (name: string, description: string, kinds: number, tokens: number, executes: number): IndexEntry => [
  name,
  "",
  description,
  "1.0.0",
  name === "lint" ? "quality" : "other",
  "",
  kinds,
  tokens,
  executes,
];

const ALL = searchable([
  row("release-notes", "Writes notes about a lint", SKILL, 50, 0),
  row("lint-all", "Lints everything", HOOK, 0, 2),
  row("lint", "Lints", SKILL + HOOK, 20, 1),
  row("unread", "Was not read, has a lint", 0, -1, -1),
]);
const NONE: Query = { text: "", kinds: [], runs: "", category: "", order: "" };

const CASES: readonly (readonly [what: string, query: Partial<Query>, names: readonly string[]])[] = [
  ["nothing: all in the order of the catalog", {}, ["release-notes", "lint-all", "lint", "unread"]],
  [
    "a name: it first, then its beginnings, then texts",
    { text: "LINT" },
    ["lint", "lint-all", "unread", "release-notes"],
  ],
  ["several words, each of which must occur", { text: "notes lint" }, ["release-notes"]],
  ["a word that is nowhere", { text: "lint zebra" }, []],
  ["a kind", { kinds: ["hook"] }, ["lint-all", "lint"]],
  ["two kinds at once", { kinds: ["hook", "skill"] }, ["lint"]],
  ["what runs nothing, which is known only of what was read", { runs: "no" }, ["release-notes"]],
  ["what runs something", { runs: "yes" }, ["lint-all", "lint"]],
  ["a category", { category: "quality" }, ["lint"]],
  ["by name", { order: "name" }, ["lint", "lint-all", "release-notes", "unread"]],
  ["by cost, what was not read last", { order: "tokens" }, ["lint-all", "lint", "release-notes", "unread"]],
];

describe("the search of a page", () => {
  it.each(CASES)("finds %s", (_what, query, names) => {
    expect(search(ALL, { ...NONE, ...query }).map(([name]) => name)).toEqual(names);
  });

  it("stands in the address and is read back from it", () => {
    const query: Query = { text: "a b&c", kinds: ["skill", "mcp"], runs: "no", category: "x/y", order: "name" };
    expect(readQuery(queryText(query))).toEqual(query);
    expect(queryText(NONE)).toBe("");
    expect(readQuery("kind=<b>&runs=maybe&order=up")).toEqual(NONE);
  });
});
