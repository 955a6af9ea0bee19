import type { Incompatibility } from "./incompatibility.ts";
import { both, type Relation, relation, type Term } from "./term.ts";

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

/** The branch that is being explored: decisions and what follows from them, in order, undone from the end. */
export class PartialSolution {
  readonly #assignments: Assignment[] = [];
  readonly #byPackage = new Map<string, Assignment[]>();
  readonly #decisions = new Map<string, string>();
  readonly #open = new Set<string>();

  /** Package → chosen version text. */
  get decisions(): ReadonlyMap<string, string> {
    return this.#decisions;
  }

  /** Packages that must be selected and are not decided. */
  get open(): ReadonlySet<string> {
    return this.#open;
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

  /** The first assignment at which `term` held; the branch must satisfy `term`. */
  satisfier(term: Term): Assignment | undefined {
    const assignments = this.#byPackage.get(term.id) ?? [];
    let low = 0;
    let high = assignments.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const assignment = assignments[middle];
      if (assignment !== undefined && relation(assignment.total, term) === "satisfied") high = middle;
      else low = middle + 1;
    }
    return assignments[low];
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
      if (own?.at(-1)?.total.positive === true && !this.#decisions.has(id)) this.#open.add(id);
      else this.#open.delete(id);
    }
  }

  #assign(term: Term, cause: Incompatibility | undefined): void {
    const own = this.#byPackage.get(term.id) ?? [];
    if (own.length === 0) this.#byPackage.set(term.id, own);
    const known = own.at(-1)?.total;
    const total = known === undefined ? term : both(known, term);
    const assignment = { term, level: this.level, index: this.#assignments.length, cause, total };
    this.#assignments.push(assignment);
    own.push(assignment);
    if (total.positive && !this.#decisions.has(term.id)) this.#open.add(term.id);
    else this.#open.delete(term.id);
  }
}
