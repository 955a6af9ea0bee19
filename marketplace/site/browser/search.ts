import { kindsOf, type IndexEntry } from "../views/index-entry.ts";
import { KINDS } from "../views/kinds.ts";

/** What a person looks for. */
export interface Query {
  readonly text: string;
  /** Kinds that a plugin must add, all of them. */
  readonly kinds: readonly string[];
  readonly runs: "" | "yes" | "no";
  readonly category: string;
  readonly order: "" | "name" | "tokens";
}

/** Plugins in lower case, ready to be searched. */
export type Searchable = readonly {
  readonly entry: IndexEntry;
  readonly name: string;
  readonly text: string;
}[];

/** Prepares the rows of the index once. */
export function searchable(entries: readonly IndexEntry[]): Searchable {
  return entries.map((entry) => ({
    entry,
    name: entry[0].toLowerCase(),
    text: `${entry[1]}\n${entry[2]}\n${entry[4]}\n${entry[5]}`.toLowerCase(),
  }));
}

/** Plugins that hold every word, the best match first; without words in the order of the catalog. */
export function search(all: Searchable, query: Query): readonly IndexEntry[] {
  const words = query.text
    .toLowerCase()
    .split(/\s+/u)
    .filter((word) => word !== "");
  const wanted = KINDS.flatMap(([kind], at) => (query.kinds.includes(kind) ? [2 ** at] : []));
  const hits: { readonly entry: IndexEntry; readonly score: number }[] = [];
  for (const { entry, name, text } of all) {
    const [, , , , category, , kinds, , executes] = entry;
    if (query.category !== "" && category !== query.category) continue;
    if (query.runs === "no" && executes !== 0) continue;
    if (query.runs === "yes" && executes <= 0) continue;
    if (wanted.some((bit) => Math.floor(kinds / bit) % 2 === 0)) continue;
    const score = scoreOf(words, name, text);
    if (score !== undefined) hits.push({ entry, score });
  }
  return hits.toSorted(comparison(query.order, words.length > 0)).map(({ entry }) => entry);
}

/** `undefined` when a word is missing; a word in the name counts more than one in the text, its start more than its middle. */
function scoreOf(words: readonly string[], name: string, text: string): number | undefined {
  let score = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at >= 0) score += name === word ? 100 : at === 0 ? 40 : isWordStart(name, at) ? 25 : 10;
    else {
      const inText = text.indexOf(word);
      if (inText < 0) return undefined;
      score += isWordStart(text, inText) ? 5 : 2;
    }
  }
  return score;
}

const isWordStart = (text: string, at: number): boolean => at === 0 || !/[a-z0-9]/u.test(text[at - 1] ?? "");

type Hit = { readonly entry: IndexEntry; readonly score: number };

function comparison(order: Query["order"], hasWords: boolean): (one: Hit, other: Hit) => number {
  const byName = (one: Hit, other: Hit): number => (one.entry[0] < other.entry[0] ? -1 : 1);
  const cost = ({ entry }: Hit): number => (entry[7] < 0 ? Number.MAX_SAFE_INTEGER : entry[7]);
  switch (order) {
    case "name":
      return byName;
    case "tokens":
      return (one, other) => cost(one) - cost(other) || byName(one, other);
    case "":
      return hasWords
        ? (one, other) => other.score - one.score || one.entry[0].length - other.entry[0].length || byName(one, other)
        : () => 0;
  }
}

/** A query as the part of an address after `?`, empty for the empty query. */
export function queryText({ text, kinds, runs, category, order }: Query): string {
  const parameters = new URLSearchParams();
  if (text !== "") parameters.set("q", text);
  for (const kind of kinds) parameters.append("kind", kind);
  if (runs !== "") parameters.set("runs", runs);
  if (category !== "") parameters.set("category", category);
  if (order !== "") parameters.set("order", order);
  return parameters.toString();
}

/** The query of an address; what it does not understand is left out. */
export function readQuery(text: string): Query {
  const parameters = new URLSearchParams(text);
  const runs = parameters.get("runs");
  const order = parameters.get("order");
  const known = new Set(kindsOf(2 ** KINDS.length - 1));
  return {
    text: parameters.get("q") ?? "",
    kinds: parameters.getAll("kind").filter((kind) => known.has(kind)),
    runs: runs === "yes" || runs === "no" ? runs : "",
    category: parameters.get("category") ?? "",
    order: order === "name" || order === "tokens" ? order : "",
  };
}
