import type { Cause, Requirement } from "./provider.ts";
import { both, type Term } from "./term.ts";
import { ALL_VERSIONS, type VersionSet } from "./version-set.ts";

/** The package that stands for the request itself; it has one version and needs what the person asked for. */
export const ROOT_ID = "";

/** Terms that cannot all hold, and why. Without terms, or with only the root's: there is no solution. */
export interface Incompatibility {
  /** At most one per package. */
  readonly terms: readonly Term[];
  readonly cause: IncompatibilityCause;
}

/** Where an incompatibility comes from: an outside fact, or two others by the rule of resolution. */
export type IncompatibilityCause =
  | { readonly kind: "root" }
  | { readonly kind: "requirement"; readonly requirement: Requirement }
  | { readonly kind: "refused"; readonly requirement: Requirement; readonly reason: Cause }
  | {
      readonly kind: "no-version";
      readonly id: string;
      /** The versions that were asked for, when the derivation says so. */
      readonly asked?: VersionSet;
    }
  | { readonly kind: "absent"; readonly id: string; readonly reason: Cause | undefined }
  | DerivedCause;

/** Two incompatibilities that together imply a third. */
export interface DerivedCause {
  readonly kind: "derived";
  readonly conflict: Incompatibility;
  readonly other: Incompatibility;
}

/** An incompatibility that was deduced. */
export type Derived = Incompatibility & { readonly cause: DerivedCause };

/** Whether `incompatibility` was deduced; otherwise it is a fact. */
export function isDerived(incompatibility: Incompatibility): incompatibility is Derived {
  return incompatibility.cause.kind === "derived";
}

/** Whether no selection at all can avoid `incompatibility`. */
export function isFailure({ terms }: Incompatibility): boolean {
  return terms.length === 0 || (terms.length === 1 && terms[0]?.id === ROOT_ID && terms[0].positive);
}

/** The statement that the request is selected. */
export const ROOT_TERM: Term = { id: ROOT_ID, positive: true, set: ALL_VERSIONS };

/** "`id` in `dependants` needs `requirement`"; a package that needs itself excludes the versions it does not accept. */
export function requires(
  id: string,
  dependants: VersionSet,
  requirement: Requirement,
  accepted: VersionSet,
): Incompatibility {
  return {
    terms: mergeTerms([
      { id, positive: true, set: dependants },
      { id: requirement.id, positive: false, set: accepted },
    ]),
    cause: { kind: "requirement", requirement },
  };
}

/** What follows from `conflict` and `other` by resolving away the package of `pivot`; `rest` is what the pivot leaves open. */
export function resolvent(
  conflict: Incompatibility,
  other: Incompatibility,
  pivot: Term,
  rest: Term | undefined,
): Incompatibility {
  const terms = [
    ...conflict.terms.filter((term) => term !== pivot),
    ...other.terms.filter((term) => term.id !== pivot.id),
    ...(rest === undefined ? [] : [rest]),
  ];
  const merged = mergeTerms(terms);
  const withoutRoot = merged.filter((term) => term.id !== ROOT_ID || !term.positive);
  return {
    terms: withoutRoot.length === 0 ? merged : withoutRoot,
    cause: { kind: "derived", conflict: narrow(conflict, other, pivot.id), other: narrow(other, conflict, pivot.id) },
  };
}

/** A fact about the versions that exist, together with what its partner asks for; other incompatibilities as they are. */
function narrow(fact: Incompatibility, partner: Incompatibility, id: string): Incompatibility {
  if (fact.cause.kind !== "no-version") return fact;
  const asked = partner.terms.find((term) => term.id === id && !term.positive);
  return asked === undefined ? fact : { terms: fact.terms, cause: { ...fact.cause, asked: asked.set } };
}

function mergeTerms(terms: readonly Term[]): readonly Term[] {
  const merged = new Map<string, Term>();
  for (const term of terms) {
    const earlier = merged.get(term.id);
    merged.set(term.id, earlier === undefined ? term : both(earlier, term));
  }
  return merged.size === terms.length ? terms : [...merged.values()];
}
