/** What a test says of one state. */
export type Verdict = "good" | "bad" | "skip";

/** Where a change to the worse lies: state `last` is bad, and the first bad one is among `first` to `last`. */
export interface FirstBad {
  /** Equal to `last` unless states in between could not be tested. */
  readonly first: number;
  readonly last: number;
}

/**
 * Finds the first bad of the states 1 to `count` by halving; 0 is known to be good and `count` to be bad, neither is tested. A
 * state that cannot be tested is passed over for its nearest neighbour.
 */
export async function firstBad(count: number, test: (at: number) => Promise<Verdict>): Promise<FirstBad> {
  let [good, bad] = [0, count];
  const skipped = new Set<number>();
  for (;;) {
    const next = middle(good, bad, skipped);
    if (next === undefined) return { first: good + 1, last: bad };
    const verdict = await test(next);
    if (verdict === "skip") skipped.add(next);
    else if (verdict === "good") good = next;
    else bad = next;
  }
}

/** The untested state that is nearest to the middle of two. */
function middle(good: number, bad: number, skipped: ReadonlySet<number>): number | undefined {
  const centre = Math.floor((good + bad) / 2);
  for (let distance = 0; distance < bad - good; distance += 1) {
    for (const at of [centre - distance, centre + distance]) {
      if (at > good && at < bad && !skipped.has(at)) return at;
    }
  }
  return undefined;
}
