import { CodedError } from "../../schemas/errors.ts";
import { type Incompatibility, requires } from "./incompatibility.ts";
import { type Listing, spanning } from "./listing.ts";
import type { Cause, Requirement } from "./provider.ts";
import { type ParsedRange, parseRange } from "./range.ts";
import { ALL_VERSIONS, type VersionSet } from "./version-set.ts";

/** One requirement, understood. */
interface Fact {
  /** Equal for requirements that say the same. */
  readonly key: string;
  readonly requirement: Requirement;
  readonly accepted: VersionSet;
  /** Why no version is acceptable, whatever the range. */
  readonly refused: Cause | undefined;
}

/** What of a request decides how its requirements are read; see `SolveRequest`. */
export interface RequirementIndexOptions {
  readonly overrides?: ReadonlyMap<string, string> | undefined;
  readonly starAdmitsAll?: boolean | undefined;
}

/**
 * Turns requirements into incompatibilities, one for all the versions of a package that are known to say the same.
 * Overrides replace ranges here, so that no other part knows of them.
 */
export class RequirementIndex {
  readonly #overrides: ReadonlyMap<string, string>;
  readonly #starAdmitsAll: boolean;
  readonly #ranges = new Map<string, ParsedRange>();
  /** Package → version → facts. */
  readonly #facts = new Map<string, Map<string, readonly Fact[]>>();
  /** Package → key of a fact → versions that say it. */
  readonly #sayers = new Map<string, Map<string, string[]>>();
  /** Package → key of a fact → versions that an incompatibility covers. */
  readonly #covered = new Map<string, Map<string, ReadonlySet<string>>>();

  constructor({ overrides, starAdmitsAll }: RequirementIndexOptions) {
    this.#overrides = overrides ?? new Map();
    this.#starAdmitsAll = starAdmitsAll === true;
  }

  /** The ranges met so far, by text. */
  get ranges(): ReadonlyMap<string, ParsedRange> {
    return this.#ranges;
  }

  /** Whether the requirements of a version are known. */
  has(id: string, version: string): boolean {
    return this.#facts.get(id)?.has(version) === true;
  }

  /** Records what one version needs. */
  learn(id: string, version: string, requirements: readonly Requirement[]): void {
    const ofPackage = this.#facts.get(id) ?? new Map<string, readonly Fact[]>();
    this.#facts.set(id, ofPackage);
    const facts = requirements.map((requirement) => this.#understand(requirement));
    facts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    ofPackage.set(version, facts);
    const sayers = this.#sayers.get(id) ?? new Map<string, string[]>();
    this.#sayers.set(id, sayers);
    for (const { key } of facts) {
      const versions = sayers.get(key);
      if (versions === undefined) sayers.set(key, [version]);
      else versions.push(version);
    }
  }

  /** The packages that a version needs, sorted; none for a version that a refused requirement rules out, so that none is listed. */
  needs(id: string, version: string): readonly string[] {
    const facts = this.#binding(id, version).filter(({ refused }) => refused === undefined);
    return [...new Set(facts.map(({ requirement }) => requirement.id))].sort();
  }

  /** The incompatibilities that follow from choosing `version` and were not given out before. */
  incompatibilities(listing: Listing, version: string): Incompatibility[] {
    const { id } = listing;
    const covered = this.#covered.get(id) ?? new Map<string, ReadonlySet<string>>();
    this.#covered.set(id, covered);
    const found: Incompatibility[] = [];
    for (const fact of this.#binding(id, version)) {
      if (covered.get(fact.key)?.has(version) === true) continue;
      const dependants = new Set(this.#sayers.get(id)?.get(fact.key));
      covered.set(fact.key, dependants);
      found.push(incompatibility(id, spanning(listing, dependants), fact));
    }
    return found;
  }

  /** The incompatibilities of the request itself. */
  rootIncompatibilities(id: string): Incompatibility[] {
    return this.#binding(id, "").map((fact) => incompatibility(id, ALL_VERSIONS, fact));
  }

  /** @throws E_RANGE or E_LIMIT_RANGE */
  parse(text: string): ParsedRange {
    const known = this.#ranges.get(text);
    if (known !== undefined) return known;
    const strict = parseRange(text);
    const parsed = this.#starAdmitsAll && strict.text === "*" ? { ...strict, set: ALL_VERSIONS } : strict;
    this.#ranges.set(text, parsed);
    return parsed;
  }

  /** The facts that decide: the refused ones when there are any, because then the others do not matter. */
  #binding(id: string, version: string): readonly Fact[] {
    const facts = this.#facts.get(id)?.get(version) ?? [];
    const refused = facts.filter((fact) => fact.refused !== undefined);
    return refused.length > 0 ? refused : facts;
  }

  #understand(original: Requirement): Fact {
    const range = this.#overrides.get(original.id) ?? original.range;
    const key = JSON.stringify([original.id, range, original.refused?.kind, original.refused?.notice]);
    try {
      const parsed = this.parse(range);
      const requirement = { ...original, range: parsed.text };
      return { key, requirement, accepted: parsed.set, refused: original.refused };
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      const refused: Cause = {
        kind: "invalid-range",
        notice: error.message,
        code: error.code,
        hint: error.hint,
        where: original.where,
      };
      const requirement = { ...original, range: `${range.slice(0, 40)}${range.length > 40 ? "…" : ""}` };
      return { key, requirement, accepted: ALL_VERSIONS, refused };
    }
  }
}

function incompatibility(id: string, dependants: VersionSet, fact: Fact): Incompatibility {
  const { requirement, accepted, refused } = fact;
  if (refused === undefined) return requires(id, dependants, requirement, accepted);
  return {
    terms: [{ id, positive: true, set: dependants }],
    cause: { kind: "refused", requirement, reason: refused },
  };
}
