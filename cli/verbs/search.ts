import { problemText, readableCatalogs } from "../../marketplace/catalog/readable-catalogs.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { nearest } from "../../schemas/names.ts";
import { EXIT } from "../exit-code.ts";
import { shownEntries } from "../policy/hidden-entries.ts";
import { shortened } from "../print/info-text.ts";
import { NO_MARKETPLACE } from "../print/list-text.ts";
import { bold, columns, dim } from "../print/style.ts";
import type { Verb } from "../verb.ts";

interface Hit {
  readonly id: string;
  readonly version: string | undefined;
  readonly description: string | undefined;
  readonly source: string;
}

/** `plugin search`. */
export const verb: Verb = {
  name: "search",
  summary: "find plugins in the added marketplaces",
  positionals: [{ name: "word", variadic: true }],
  flags: [],
  about: [
    "Every word must occur in name, description, category or tags. Without a word: everything on offer. Reads the last good copies. What policy refuses is left out where it says `hideDisallowed`.",
  ],
  examples: ["plugin search changelog", "plugin search --json"],
  run: async (context, args) => {
    const { catalogs, policy } = await context.engine();
    const { snapshots, problems } = await readableCatalogs(catalogs);
    context.writer.err(problems.map((problem) => `note: ${problemText(problem)}`));
    const words = args.positionals.map((word) => word.toLowerCase());
    const markets = snapshots.map((snapshot) => ({
      name: snapshot.market.name,
      entries: shownEntries(snapshot, policy),
    }));
    const hits = markets.flatMap(({ name, entries }) => hitsIn(name, entries, words));
    const names = markets.flatMap(({ entries }) => entries.map((entry) => entry.name));
    return { exit: EXIT.ok, data: { plugins: hits }, text: () => hitLines(hits, words, names) };
  },
};

function hitsIn(market: string, entries: readonly CatalogEntry[], words: readonly string[]): readonly Hit[] {
  return entries.flatMap((entry) => {
    const text = [entry.name, entry.displayName, entry.description, entry.category, ...entry.tags]
      .join("\n")
      .toLowerCase();
    if (!words.every((word) => text.includes(word))) return [];
    const { version, description, source } = entry;
    return [{ id: `${entry.name}@${market}`, version, description, source: source.kind }];
  });
}

function hitLines(hits: readonly Hit[], words: readonly string[], names: readonly string[]): readonly string[] {
  if (hits.length > 0)
    return columns(hits.map((hit) => [bold(hit.id), dim(hit.version ?? ""), shortened(hit.description)]));
  if (names.length === 0) return NO_MARKETPLACE;
  const guess = words.length === 1 ? nearest(words[0] ?? "", names) : undefined;
  return ["nothing matches", ...(guess === undefined ? [] : [`  hint: did you mean \`${guess}\`?`])];
}
