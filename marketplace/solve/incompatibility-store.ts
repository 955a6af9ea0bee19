import type { Incompatibility } from "./incompatibility.ts";

/** The incompatibilities that are known, by package, and which of them the current branch has settled. */
export class IncompatibilityStore {
  readonly #byPackage = new Map<string, Incompatibility[]>();
  readonly #settled = new Set<Incompatibility>();
  /** In the order of settling, so that levels never fall. */
  readonly #settledAt: { readonly incompatibility: Incompatibility; readonly level: number }[] = [];

  /** Makes an incompatibility known to all the packages of its terms. */
  add(incompatibility: Incompatibility): void {
    for (const { id } of incompatibility.terms) {
      const known = this.#byPackage.get(id);
      if (known === undefined) this.#byPackage.set(id, [incompatibility]);
      else known.push(incompatibility);
    }
  }

  /** Those with a term about a package, oldest first; the list grows while it is read. */
  about(id: string): readonly Incompatibility[] {
    return this.#byPackage.get(id) ?? [];
  }

  /** Whether a term is contradicted by what holds in the branch, so that nothing follows. */
  isSettled(incompatibility: Incompatibility): boolean {
    return this.#settled.has(incompatibility);
  }

  /** Notes that a term is contradicted by assignments of `level` and below. */
  settle(incompatibility: Incompatibility, level: number): void {
    this.#settled.add(incompatibility);
    this.#settledAt.push({ incompatibility, level });
  }

  /** Forgets what was settled after `level` decisions. */
  backtrack(level: number): void {
    for (let last = this.#settledAt.at(-1); last !== undefined && last.level > level; last = this.#settledAt.at(-1)) {
      this.#settledAt.pop();
      this.#settled.delete(last.incompatibility);
    }
  }
}
