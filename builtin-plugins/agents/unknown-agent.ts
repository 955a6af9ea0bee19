/** Names that a message lists at most. */
const MAX_NAMES = 8;

/** A name that means no agent, or several; the message lists what was likely meant, for the model too. */
export class UnknownAgent extends Error {
  override readonly name = "UnknownAgent";
  readonly hint: string;

  constructor(problem: string, names: readonly string[]) {
    const listed = names.slice(0, MAX_NAMES).map((name) => `\`${name}\``);
    const more = names.length - listed.length;
    super(`${problem}; there are ${listed.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`);
    this.hint = `for example \`--agent ${names[0] ?? ""}\``;
  }
}

/** The names, those that share most with `wanted` first. */
export function closest(wanted: string, names: readonly string[]): readonly string[] {
  const pairs = pairsOf(wanted);
  const likeness = new Map(names.map((name) => [name, alike(pairs, pairsOf(name))]));
  return names.toSorted((left, right) => (likeness.get(right) ?? 0) - (likeness.get(left) ?? 0));
}

/** Neighbouring letters, e.g. of `plan`: `pl`, `la`, `an`. */
function pairsOf(text: string): ReadonlySet<string> {
  const letters = text.toLowerCase();
  return new Set(Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2)));
}

/** From 0, nothing in common, to 1 (Sørensen–Dice). */
function alike(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const total = one.size + other.size;
  return total === 0 ? 0 : (2 * one.intersection(other).size) / total;
}
