import { areDisjoint, difference, intersect, isWithin, union, type VersionSet } from "./version-set.ts";

/**
 * A statement about one package. Positive: it is selected, in a version of `set`. Negative: it is not selected in a version of
 * `set` (in another one, or not at all).
 */
export interface Term {
  readonly id: string;
  readonly positive: boolean;
  readonly set: VersionSet;
}

/** How a term that is known relates to another one: it implies it, rules it out, or leaves it open. */
export type Relation = "satisfied" | "contradicted" | "inconclusive";

/** The statement that holds exactly when `term` does not. */
export function negate(term: Term): Term {
  return { id: term.id, positive: !term.positive, set: term.set };
}

/** The statement that both terms, of one package, hold. */
export function both(left: Term, right: Term): Term {
  const { id } = left;
  if (left.positive && right.positive) return { id, positive: true, set: intersect(left.set, right.set) };
  if (left.positive) return { id, positive: true, set: difference(left.set, right.set) };
  if (right.positive) return { id, positive: true, set: difference(right.set, left.set) };
  return { id, positive: false, set: union(left.set, right.set) };
}

/** Whether `known` makes `asked` true, false, or neither. */
export function relation(known: Term, asked: Term): Relation {
  if (known.positive) {
    const isInside = isWithin(known.set, asked.set);
    if (asked.positive)
      return isInside ? "satisfied" : areDisjoint(known.set, asked.set) ? "contradicted" : "inconclusive";
    return areDisjoint(known.set, asked.set) ? "satisfied" : isInside ? "contradicted" : "inconclusive";
  }
  if (asked.positive) return isWithin(asked.set, known.set) ? "contradicted" : "inconclusive";
  return isWithin(asked.set, known.set) ? "satisfied" : "inconclusive";
}

/** The part of `term` that `known` alone does not settle: `term or not known`, as what else must hold; undefined when nothing. */
export function remainder(known: Term, term: Term): Term | undefined {
  if (relation(known, term) === "satisfied") return undefined;
  return both(known, negate(term));
}
