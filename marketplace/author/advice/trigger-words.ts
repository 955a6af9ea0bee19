/** Words that every description has, whatever it is about. */
const COMMON: ReadonlySet<string> = new Set(
  (
    "a about all also an and any are as ask asked asks at based be by can do does etc for from has have help helps how if in into " +
    "is it its need needed needs not of on or our out over per should skill so such than that the their them then these they this " +
    "to trigger triggers up use used user users using via want wants was when whenever where which while who will with you your"
  ).split(" "),
);

/** Fewer words say too little to be compared. */
const MIN_WORDS = 4;

/** The words by which a model would choose a skill: without its ending → as it is written. */
export function triggerWords(name: string, description: string): ReadonlyMap<string, string> {
  const words = `${name} ${description}`.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return new Map(
    words
      .filter((word) => word.length > 1 && !COMMON.has(word))
      .map((word) => [word.replace(/(?:ing|ed|es|s)$/u, ""), word]),
  );
}

/** Two texts that share words, and the share of all their words that is in both. */
export interface Overlap {
  readonly left: number;
  readonly right: number;
  readonly share: number;
}

/**
 * Pairs whose share of common words is above a limit, by their places in the list, each text with its nearest only; the highest
 * share first.
 */
export function overlaps(texts: readonly ReadonlyMap<string, string>[], limit: number): readonly Overlap[] {
  const places = new Map<string, number[]>();
  const best = new Map<number, Overlap>();
  for (const [right, words] of texts.entries()) {
    if (words.size < MIN_WORDS) continue;
    const common = new Map<number, number>();
    for (const word of words.keys()) {
      const before = places.get(word);
      if (before === undefined) {
        places.set(word, [right]);
        continue;
      }
      for (const left of before) common.set(left, (common.get(left) ?? 0) + 1);
      before.push(right);
    }
    for (const [left, count] of common) {
      const share = count / ((texts[left]?.size ?? 0) + words.size - count);
      if (share <= limit) continue;
      const pair = { left, right, share };
      for (const place of [left, right]) if (share > (best.get(place)?.share ?? 0)) best.set(place, pair);
    }
  }
  return [...new Set(best.values())].sort((one, other) => other.share - one.share);
}
