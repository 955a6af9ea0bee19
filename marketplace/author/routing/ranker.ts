import { promptWords } from "./prompt-words.ts";

/** A skill that a model may choose. */
export interface Candidate {
  /** Id of its plugin. */
  readonly plugin: string;
  readonly name: string;
  readonly description: string;
  readonly whenToUse?: string | undefined;
}

/** A candidate and how well it fits a prompt. */
export interface Ranked<One extends Candidate> {
  readonly candidate: One;
  readonly score: number;
}

/** Saturation and length normalisation of BM25, as they are usual. */
const K1 = 1.2;
const B = 0.75;
/** The name says more than a word of the description. */
const NAME_WEIGHT = 2;

/** A candidate fits with two shared words, of which one of its name counts as two, that are a third of the prompt's. Measured: decision 0024. */
const ENOUGH_WORDS = 2;
const ENOUGH_SHARE = 1 / 3;

interface Entry<One> {
  readonly candidate: One;
  readonly names: ReadonlySet<string>;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
}

/**
 * Ranks candidates for prompts by the words that they share (BM25 over name, description and when to use it), without a model: the
 * same set and prompt always give the same order. Whether a candidate fits at all does not depend on the others.
 */
export class Ranker<One extends Candidate> {
  readonly #entries: readonly Entry<One>[];
  readonly #documents = new Map<string, number>();
  readonly #averageLength: number;

  constructor(candidates: readonly One[]) {
    this.#entries = candidates
      .toSorted((left, right) => compare(left.plugin, right.plugin) || compare(left.name, right.name))
      .map(entryOf);
    for (const { counts } of this.#entries) {
      for (const word of counts.keys()) this.#documents.set(word, (this.#documents.get(word) ?? 0) + 1);
    }
    const total = this.#entries.reduce((sum, { length }) => sum + length, 0);
    this.#averageLength = Math.max(1, total / Math.max(1, this.#entries.length));
  }

  /** The candidates that fit, the best first, equal ones by plugin and name. */
  rank(prompt: string): readonly Ranked<One>[] {
    const words = new Set(promptWords(prompt));
    if (words.size === 0) return [];
    return this.#entries
      .flatMap((entry): readonly Ranked<One>[] => {
        const shared = [...words].filter((word) => entry.counts.has(word));
        if (!fits(shared, words.size, entry.names)) return [];
        const score = shared.reduce((sum, word) => sum + this.#weight(word, entry), 0);
        return [{ candidate: entry.candidate, score }];
      })
      .sort((left, right) => right.score - left.score);
  }

  #weight(word: string, { counts, length }: Entry<One>): number {
    const documents = this.#documents.get(word) ?? 0;
    const rarity = Math.log(1 + (this.#entries.length - documents + 0.5) / (documents + 0.5));
    const count = counts.get(word) ?? 0;
    return (rarity * count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / this.#averageLength));
  }
}

function entryOf<One extends Candidate>(candidate: One): Entry<One> {
  const { name, description, whenToUse = "" } = candidate;
  const counts = new Map<string, number>();
  let length = 0;
  const count = (text: string, weight: number): void => {
    for (const word of promptWords(text)) {
      counts.set(word, (counts.get(word) ?? 0) + weight);
      length += weight;
    }
  };
  count(name, NAME_WEIGHT);
  count(`${description} ${whenToUse}`, 1);
  return { candidate, names: new Set(promptWords(name)), counts, length };
}

function fits(shared: readonly string[], words: number, names: ReadonlySet<string>): boolean {
  if (shared.length === words) return true;
  const weight = shared.reduce((sum, word) => sum + (names.has(word) ? NAME_WEIGHT : 1), 0);
  return weight >= ENOUGH_WORDS && weight / words >= ENOUGH_SHARE;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
