import type { SitePlugin } from "../model.ts";
import { shownVersion } from "../model.ts";
import { KINDS } from "./kinds.ts";

/**
 * A plugin as lists and the search know it, in the order of the stored row. `kinds` has bit n set for the nth of `KINDS`;
 * `tokens` and `executes` are −1 when its files were not read.
 */
export type IndexEntry = readonly [
  name: string,
  title: string,
  description: string,
  version: string,
  category: string,
  tags: string,
  kinds: number,
  tokens: number,
  executes: number,
];

/** What the search of a page is given. */
export interface SearchIndex {
  readonly entries: readonly IndexEntry[];
}

/** Longer descriptions are cut in lists: the page of the plugin has all of it. */
const MAX_DESCRIPTION = 140;

/** The row of a plugin. `key` is the name that its page is linked by. */
export function indexEntry(plugin: SitePlugin, key: string = plugin.name): IndexEntry {
  const { title, name, version, category, tags } = plugin;
  const shown = shownVersion(plugin);
  const kinds = new Set(shown?.components.map(({ kind }) => kind));
  const bits = KINDS.reduce((sum, [kind], at) => (kinds.has(kind) ? sum + 2 ** at : sum), 0);
  return [
    key,
    title === name ? "" : title,
    cut(plugin.description),
    version,
    category,
    tags
      .filter((tag) => !name.includes(tag))
      .slice(0, 6)
      .join(" "),
    bits,
    shown === undefined || plugin.problem !== undefined ? -1 : shown.tokens,
    shown === undefined || plugin.problem !== undefined ? -1 : shown.executables.length,
  ];
}

function cut(text: string): string {
  const characters = [...text];
  if (characters.length <= MAX_DESCRIPTION) return text;
  return `${characters
    .slice(0, MAX_DESCRIPTION - 1)
    .join("")
    .trimEnd()}…`;
}

/** The kinds whose bits are set. */
export function kindsOf(bits: number): readonly string[] {
  return KINDS.flatMap(([kind], at) => (Math.floor(bits / 2 ** at) % 2 === 1 ? [kind] : []));
}
