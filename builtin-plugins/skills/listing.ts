/** A skill as a listing may show it. */
export interface ListingEntry {
  readonly name: string;
  /** One line; empty shows the name alone. */
  readonly description: string;
  readonly uses: number;
  /** Milliseconds since 1970; 0 for never. */
  readonly lastUsed: number;
}

/** Lines for the model and the names whose descriptions did not fit. */
export interface Listing {
  readonly lines: readonly string[];
  readonly trimmed: readonly string[];
  /** How many are not even named. */
  readonly unlisted: number;
  readonly characters: number;
}

/** How many characters a listing may have. */
export interface ListingRoom {
  /** What names and descriptions should share; names may pass it. */
  readonly budget: number;
  /** What nothing passes. */
  readonly limit: number;
}

/**
 * Lists every name, and as many descriptions as fit: those of what is used least go first, among equals the last by name. Names go
 * in the same order where they alone pass the limit (attacks.md RS06).
 */
export function listingOf(entries: readonly ListingEntry[], { budget, limit }: ListingRoom): Listing {
  let characters = entries.reduce((sum, { name, description }) => sum + lineOf(name, description).length + 1, 0);
  const trimmed = new Set<string>();
  const leastUsedFirst = entries.toSorted(
    (left, right) => left.uses - right.uses || left.lastUsed - right.lastUsed || (left.name < right.name ? 1 : -1),
  );
  for (const { name, description } of leastUsedFirst) {
    if (characters <= budget) break;
    if (description === "") continue;
    trimmed.add(name);
    characters -= lineOf(name, description).length - lineOf(name, "").length;
  }
  const unlisted = new Set<string>();
  for (const { name, description } of leastUsedFirst) {
    if (characters <= limit) break;
    unlisted.add(name);
    characters -= lineOf(name, trimmed.has(name) ? "" : description).length + 1;
  }
  return {
    lines: entries
      .filter(({ name }) => !unlisted.has(name))
      .map(({ name, description }) => lineOf(name, trimmed.has(name) ? "" : description)),
    trimmed: [...trimmed].sort(),
    unlisted: unlisted.size,
    characters,
  };
}

/** A description and when to use it on one line of at most so many characters. */
export function descriptionLine(description: string, whenToUse: string | undefined, maxCharacters: number): string {
  const line = `${description} ${whenToUse ?? ""}`.replaceAll(/\s+/gu, " ").trim();
  return line.length <= maxCharacters ? line : `${line.slice(0, Math.max(0, maxCharacters - 1)).toWellFormed()}…`;
}

function lineOf(name: string, description: string): string {
  return description === "" ? `- ${name}` : `- ${name}: ${description}`;
}
