import { CodedError } from "../../schemas/errors.ts";
import { DecisionQueue } from "./decision-queue.ts";
import { type Incompatibility, isFailure, resolvent, ROOT_ID, ROOT_TERM } from "./incompatibility.ts";
import { IncompatibilityStore } from "./incompatibility-store.ts";
import { Budget, type Limits, Reach } from "./limits.ts";
import { countWanted, type Listed, type Listing, listPackage, mostWanted, unavailable } from "./listing.ts";
import { PartialSolution } from "./partial-solution.ts";
import type { Candidate, Requirement, VersionProvider } from "./provider.ts";
import type { SolveRequest } from "./request.ts";
import { RequirementIndex } from "./requirement-index.ts";
import { negate, relation, type Term } from "./term.ts";
import { areEqual, type VersionSet } from "./version-set.ts";

/** How a search ended, with what is needed to explain it. */
export interface SearchResult {
  /** The chosen versions; undefined when there are none. */
  readonly versions: ReadonlyMap<string, string> | undefined;
  /** Why there are none. */
  readonly failure: Incompatibility | undefined;
  readonly listings: ReadonlyMap<string, Listing>;
  readonly index: RequirementIndex;
  readonly steps: number;
  readonly conflicts: number;
}

/**
 * One PubGrub search (dart pub's `doc/solver.md`): unit propagation, learning from conflicts, decisions.
 *
 * Locked packages are decided first, then those that the root names, then the nearer ones, then those with fewer versions left,
 * then by id; the answer is the lexicographically most wanted one in that order, so no other answer is better in every package.
 */
export class Search {
  readonly #request: SolveRequest;
  readonly #provider: VersionProvider;
  readonly #limits: Limits;
  readonly #budget: Budget;
  readonly #reach: Reach;
  readonly #index: RequirementIndex;
  readonly #solution = new PartialSolution();
  readonly #incompatibilities = new IncompatibilityStore();
  readonly #listings = new Map<string, Listing>();
  readonly #queue = new DecisionQueue();
  #met: string[] = [];
  #conflicts = 0;
  /** How often each package was the last to complete a conflict. */
  readonly #contested = new Map<string, number>();
  #firstLearned: Incompatibility | undefined;

  constructor(request: SolveRequest, provider: VersionProvider, limits: Limits) {
    this.#request = request;
    this.#provider = provider;
    this.#limits = limits;
    this.#budget = new Budget(limits, request.signal);
    this.#reach = new Reach(limits);
    this.#index = new RequirementIndex(request);
  }

  /** @throws E_RESOLVE_LIMIT, E_RANGE and E_LIMIT_RANGE (of the request's own ranges) and whatever the provider throws */
  async run(): Promise<SearchResult> {
    this.#request.signal?.throwIfAborted();
    this.#incompatibilities.add({ terms: [negate(ROOT_TERM)], cause: { kind: "root" } });
    for (let next: string | undefined = ROOT_ID; next !== undefined;) {
      const failure = this.#propagate(next);
      if (failure !== undefined) return this.#result(undefined, failure);
      if (this.#budget.isSliceOver) await this.#budget.rest();
      if (this.#met.length > 0) await this.#listMet();
      next = this.#choose();
      if (next === undefined) break;
      const learning = this.#decide(next);
      if (learning !== undefined) {
        const { version, requirements } = learning;
        this.#index.learn(next, version.text, await this.#budget.outside(requirements));
        this.#select(next, version);
      }
    }
    return this.#result(this.#solution.decisions, undefined);
  }

  /** What was found so far: the first conflict in place of the failure, for the explanation of a search that was given up. */
  get unfinished(): SearchResult & { readonly contested: readonly string[] } {
    const contested = [...this.#contested].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([id]) => id);
    return { ...this.#result(undefined, this.#firstLearned), contested };
  }

  #result(versions: ReadonlyMap<string, string> | undefined, failure: Incompatibility | undefined): SearchResult {
    const [steps, conflicts] = [this.#budget.steps, this.#conflicts];
    return { versions, failure, listings: this.#listings, index: this.#index, steps, conflicts };
  }

  /** Derives all that follows from a change in what is known of `start`; gives the failure if everything is ruled out. */
  #propagate(start: string): Incompatibility | undefined {
    const changed = new Set([start]);
    for (const id of changed) {
      changed.delete(id);
      const own = this.#incompatibilities.about(id);
      for (let place = own.length - 1; place >= 0; place--) {
        const incompatibility = own[place];
        if (incompatibility === undefined || this.#incompatibilities.isSettled(incompatibility)) continue;
        const derived = this.#propagateOne(incompatibility);
        if (derived === "nothing") continue;
        if (derived !== "conflict") {
          changed.add(derived.id);
          continue;
        }
        const cause = this.#resolveConflict(incompatibility);
        if (isFailure(cause)) return cause;
        const consequence = this.#propagateOne(cause);
        if (typeof consequence === "string")
          throw new CodedError("E_INTERNAL", "a learned incompatibility derived nothing");
        changed.clear();
        changed.add(consequence.id);
        break;
      }
    }
    return undefined;
  }

  /** If all terms but one hold, derives that the last one does not. */
  #propagateOne(incompatibility: Incompatibility): Term | "conflict" | "nothing" {
    let open: Term | undefined;
    for (const term of incompatibility.terms) {
      const state = this.#solution.relation(term);
      if (state === "contradicted") {
        this.#incompatibilities.settle(incompatibility, this.#solution.level);
        return "nothing";
      }
      if (state === "satisfied") continue;
      if (open !== undefined) return "nothing";
      open = term;
    }
    if (open === undefined) return "conflict";
    const derived = negate(open);
    this.#solution.derive(derived, incompatibility);
    return derived;
  }

  /** Learns the root cause of a conflict and goes back to where it would have been avoided. */
  #resolveConflict(conflict: Incompatibility): Incompatibility {
    this.#conflicts++;
    let current = conflict;
    while (!isFailure(current)) {
      this.#budget.step();
      const { pivot, satisfier, rest, level } = this.#solution.completion(current);
      this.#contested.set(pivot.id, (this.#contested.get(pivot.id) ?? 0) + 1);
      if (level < satisfier.level || satisfier.cause === undefined) {
        this.#solution.backtrack(level);
        this.#incompatibilities.backtrack(level);
        if (current !== conflict) {
          this.#incompatibilities.add(current);
          this.#firstLearned ??= current;
        }
        return current;
      }
      current = resolvent(current, satisfier.cause, pivot, rest);
    }
    return current;
  }

  async #listMet(): Promise<void> {
    const ids = this.#met.sort();
    this.#met = [];
    const fetching = this.#provider.prefetch?.(ids);
    if (fetching !== undefined) await this.#budget.outside(fetching);
    const answers = ids.map((id) => this.#provider.versions(id));
    const lists = answers.every((answer): answer is readonly Candidate[] => !(answer instanceof Promise))
      ? answers
      : await this.#budget.outside(Promise.all(answers));
    for (const [place, id] of ids.entries()) this.#list(id, lists[place] ?? []);
  }

  #list(id: string, candidates: readonly Candidate[]): void {
    const { mode, locked, installed, overrides, root, starAdmitsAll } = this.#request;
    const override = overrides?.get(id);
    const ranges =
      override === undefined ? root.flatMap((wanted) => (wanted.id === id ? wanted.range : [])) : [override];
    const pins = ranges.flatMap((range) => this.#index.parse(range).pin ?? []);
    const preference = {
      mode,
      releasesFirst: starAdmitsAll === true,
      locked: locked?.get(id),
      installed: installed?.get(id),
      isPinned: (point: VersionSet) => pins.some((pin) => areEqual(pin, point)),
    };
    const absence = candidates.length === 0 ? this.#provider.absence?.(id) : undefined;
    this.#listings.set(id, listPackage(id, candidates, preference, absence, this.#limits.candidates));
  }

  /**
   * The next package to decide: one without a version left, then a locked one (so that what is new adapts to what is locked), then
   * the nearest, the least free, the first by id.
   */
  #choose(): string | undefined {
    for (const id of this.#solution.takeTouched()) {
      const known = this.#solution.openTerm(id);
      const listing = this.#listings.get(id);
      if (known === undefined) {
        this.#queue.remove(id);
      } else {
        const count = listing === undefined ? 0 : countWanted(listing, known.set);
        const isLocked =
          listing !== undefined && mostWanted(listing, known.set)?.text === this.#request.locked?.get(id);
        this.#queue.put(id, { rank: count === 0 ? 0 : isLocked ? 1 : 1 + this.#reach.depth(id), count });
      }
    }
    return this.#queue.first();
  }

  /** Decides a package, or gives the requirements that have to be awaited before. */
  #decide(
    id: string,
  ): { readonly version: Listed; readonly requirements: Promise<readonly Requirement[]> } | undefined {
    this.#budget.step();
    if (id === ROOT_ID) {
      this.#selectRoot();
      return undefined;
    }
    const listing = this.#listings.get(id);
    const known = this.#solution.known(id);
    if (listing === undefined || known === undefined) throw new CodedError("E_INTERNAL", `\`${id}\` was not listed`);
    const version = mostWanted(listing, known.set);
    if (version === undefined) {
      const reason = listing.absence;
      this.#incompatibilities.add({
        terms: [{ id, positive: true, set: unavailable(listing) }],
        cause: listing.all.length === 0 ? { kind: "absent", id, reason } : { kind: "no-version", id },
      });
      return undefined;
    }
    if (!this.#index.has(id, version.text)) {
      this.#learnKnown(listing);
      if (!this.#index.has(id, version.text)) {
        const requirements = this.#provider.requirements(id, version.text);
        if (requirements instanceof Promise) return { version, requirements };
        this.#index.learn(id, version.text, requirements);
      }
    }
    this.#select(id, version);
    return undefined;
  }

  #learnKnown({ id, all }: Listing): void {
    if (this.#provider.knownRequirements === undefined) return;
    for (const { text } of all) {
      if (this.#index.has(id, text)) continue;
      const requirements = this.#provider.knownRequirements(id, text);
      if (requirements !== undefined) this.#index.learn(id, text, requirements);
    }
  }

  #select(id: string, version: Listed): void {
    const listing = this.#listings.get(id);
    if (listing === undefined) return;
    const decision: Term = { id, positive: true, set: version.only };
    let isRuledOut = false;
    for (const incompatibility of this.#index.incompatibilities(listing, version.text)) {
      this.#incompatibilities.add(incompatibility);
      isRuledOut ||= incompatibility.terms.every((term) =>
        term.id === id ? relation(decision, term) === "satisfied" : this.#solution.relation(term) === "satisfied",
      );
    }
    this.#meet(id, this.#index.needs(id, version.text));
    if (!isRuledOut) this.#solution.decide(decision, version.text);
  }

  #selectRoot(): void {
    const { root, overrides } = this.#request;
    const wanted = root.map((requirement) => ({
      ...requirement,
      range: overrides?.get(requirement.id) ?? requirement.range,
    }));
    for (const [id, range] of overrides ?? []) if (!wanted.some((one) => one.id === id)) wanted.push({ id, range });
    for (const { range } of wanted) this.#index.parse(range);
    this.#index.learn(ROOT_ID, "", wanted);
    for (const incompatibility of this.#index.rootIncompatibilities(ROOT_ID))
      this.#incompatibilities.add(incompatibility);
    this.#meet(ROOT_ID, this.#index.needs(ROOT_ID, ""));
    this.#solution.decide(ROOT_TERM, "");
  }

  #meet(from: string, ids: readonly string[]): void {
    for (const id of ids) if (this.#reach.meet(id, from)) this.#met.push(id);
  }
}
