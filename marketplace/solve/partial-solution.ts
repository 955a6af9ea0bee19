import { CodedError } from "../../schemas/errors.ts";
import type { Incompatibility } from "./incompatibility.ts";
import { both, negate, type Relation, relation, remainder, type Term } from "./term.ts";

/** A term that holds in the current branch: decided (no cause) or implied by an incompatibility. */
export interface Assignment {
  readonly term: Term;
  /** How many decisions had been made. */
  readonly level: number;
  /** Place in the order of assignments. */
  readonly index: number;
  readonly cause: Incompatibility | undefined;
  /** Everything known about the package up to and including this assignment. */
  readonly total: Term;
}

/** How a conflict came about: the assignment that completed it. */
export interface Completion {
  readonly satisfier: Assignment;
  /** The term of the conflict that it completed. */
  readonly pivot: Term;
  /** What had to hold before, because the assignment alone does not imply the pivot. */
  readonly rest: Term | undefined;
  /** The lowest level at which all but the completing assignment held. */
  readonly level: number;
}

/** The level at which the request itself is decided, which is never undone. */
const ROOT_LEVEL = 1;

/** The branch that is being explored: decisions and what follows from them, in order, undone from the end. */
export class PartialSolution {
  readonly #assignments: Assignment[] = [];
  readonly #byPackage = new Map<string, Assignment[]>();
  readonly #decisions = new Map<string, string>();
  readonly #touched = new Set<string>();

  /** Package → chosen version text. */
  get decisions(): ReadonlyMap<string, string> {
    return this.#decisions;
  }

  /** The packages whose knowledge has changed since the last call. */
  takeTouched(): readonly string[] {
    const touched = [...this.#touched];
    this.#touched.clear();
    return touched;
  }

  /** What is known of a package that must be selected and is not decided. */
  openTerm(id: string): Term | undefined {
    const known = this.known(id);
    return known?.positive === true && !this.#decisions.has(id) ? known : undefined;
  }

  /** The number of decisions. */
  get level(): number {
    return this.#decisions.size;
  }

  /** All that is known about a package. */
  known(id: string): Term | undefined {
    return this.#byPackage.get(id)?.at(-1)?.total;
  }

  /** How the branch relates to a term. */
  relation(term: Term): Relation {
    const known = this.known(term.id);
    return known === undefined ? "inconclusive" : relation(known, term);
  }

  /** Chooses `version` (the one member of `term.set`) for a package. */
  decide(term: Term, version: string): void {
    this.#decisions.set(term.id, version);
    this.#assign(term, undefined);
  }

  /** Records what follows from `cause`. */
  derive(term: Term, cause: Incompatibility): void {
    this.#assign(term, cause);
  }

  /** Finds the assignment that completed a conflict; every term of it must hold. */
  completion({ terms }: Incompatibility): Completion {
    let latest: Pick<Completion, "pivot" | "satisfier"> | undefined;
    let level = ROOT_LEVEL;
    for (const pivot of terms) {
      const satisfier = this.#satisfier(pivot);
      if (latest === undefined || satisfier.index > latest.satisfier.index) {
        level = Math.max(level, latest?.satisfier.level ?? ROOT_LEVEL);
        latest = { pivot, satisfier };
      } else {
        level = Math.max(level, satisfier.level);
      }
    }
    if (latest === undefined) throw new CodedError("E_INTERNAL", "a conflict has no terms");
    const open = remainder(latest.satisfier.term, latest.pivot);
    if (open === undefined) return { ...latest, rest: undefined, level };
    const rest = negate(open);
    return { ...latest, rest, level: Math.max(level, this.#satisfier(rest).level) };
  }

  /** Undoes every assignment made after `level` decisions. */
  backtrack(level: number): void {
    for (;;) {
      const last = this.#assignments.at(-1);
      if (last === undefined || last.level <= level) return;
      this.#assignments.pop();
      const { id } = last.term;
      const own = this.#byPackage.get(id);
      own?.pop();
      if (last.cause === undefined) this.#decisions.delete(id);
      this.#touched.add(id);
    }
  }

  /** The first assignment at which `term` held. */
  #satisfier(term: Term): Assignment {
    const assignments = this.#byPackage.get(term.id) ?? [];
    let low = 0;
    let high = assignments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const assignment = assignments[middle];
      if (assignment !== undefined && relation(assignment.total, term) === "satisfied") high = middle;
      else low = middle + 1;
    }
    const found = assignments[low];
    if (found === undefined) throw new CodedError("E_INTERNAL", "a term of a conflict does not hold");
    return found;
  }

  #assign(term: Term, cause: Incompatibility | undefined): void {
    const own = this.#byPackage.get(term.id) ?? [];
    if (own.length === 0) this.#byPackage.set(term.id, own);
    const known = own.at(-1)?.total;
    const total = known === undefined ? term : both(known, term);
    const assignment = { term, level: this.level, index: this.#assignments.length, cause, total };
    this.#assignments.push(assignment);
    own.push(assignment);
    this.#touched.add(term.id);
  }
}
