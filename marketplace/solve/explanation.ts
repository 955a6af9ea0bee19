import { type Derived, type Incompatibility, isDerived, isFailure, ROOT_ID } from "./incompatibility.ts";
import type { Cause, FactLocation } from "./provider.ts";
import type { ParsedRange } from "./range.ts";
import type { RequirementIndex } from "./requirement-index.ts";
import type { Listing } from "./listing.ts";
import { hasVersion } from "./version-set.ts";
import { phrase, type Vocabulary } from "./wording.ts";

/** One sentence of a derivation, without capital and full stop. */
export interface ExplanationLine {
  /** Given to lines that a later one refers to, as `(1)`. */
  readonly number?: number;
  readonly text: string;
  /** Where the facts of the line are written; they are in the text as well. */
  readonly where: readonly FactLocation[];
}

/** A change to the request that was solved again and works. */
export interface Remedy {
  readonly text: string;
  /** What to type; absent when it is no single command. */
  readonly command?: string;
}

/** Why there is no solution. */
export interface Explanation {
  readonly lines: readonly ExplanationLine[];
  /** One to three, the smallest change first; none when nothing tried helps. */
  readonly remedies: readonly Remedy[];
  /** Every package that takes part, sorted; also those whose step is not printed. */
  readonly packages: readonly string[];
  /** The reasons behind refused edges, versions and packages, with their hints and codes. */
  readonly causes: readonly Cause[];
}

/** Deductions further back than this are stated without proof. */
const MAX_DEPTH = 200;

/** Puts the derivation of `failure` into sentences, as pub's error reporting does. */
export function explain(
  failure: Incompatibility,
  world: { readonly listings: ReadonlyMap<string, Listing>; readonly index: RequirementIndex },
): Explanation {
  const facts = factsBehind(failure);
  const ranges = new Map<string, ParsedRange[]>();
  const packages = new Set<string>();
  const causes = new Map<string, Cause>();
  for (const { cause, terms } of facts.leaves) {
    for (const term of terms) packages.add(term.id);
    if (cause.kind === "requirement" || cause.kind === "refused") packages.add(cause.requirement.id);
    if (cause.kind === "requirement") {
      const { id, range } = cause.requirement;
      ranges.set(id, [...(ranges.get(id) ?? []), world.index.parse(range)]);
    }
    for (const reason of reasonsOf({ cause, terms }, world.listings)) causes.set(JSON.stringify(reason), reason);
  }
  packages.delete(ROOT_ID);
  const writer = new Writer({ listings: world.listings, ranges }, facts.uses);
  return {
    lines: writer.write(failure),
    remedies: [],
    packages: [...packages].sort(),
    causes: [...causes.values()],
  };
}

/** The explanation as text, one line each, numbers in front. */
export function explanationText({ lines }: Pick<Explanation, "lines">): string {
  const isNumbered = lines.some(({ number }) => number !== undefined);
  return lines
    .map(({ number, text }) => (number === undefined ? `${isNumbered ? "    " : ""}${text}` : `(${number}) ${text}`))
    .join("\n");
}

/** The facts at the leaves of a derivation, and how often each deduction is used. */
function factsBehind(failure: Incompatibility): {
  readonly leaves: readonly Incompatibility[];
  readonly uses: ReadonlyMap<Incompatibility, number>;
} {
  const leaves: Incompatibility[] = [];
  const uses = new Map<Incompatibility, number>();
  const stack = [failure];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const count = uses.get(next) ?? 0;
    uses.set(next, count + 1);
    if (count > 0) continue;
    if (isDerived(next)) stack.push(next.cause.other, next.cause.conflict);
    else leaves.push(next);
  }
  return { leaves, uses };
}

function reasonsOf({ cause, terms }: Incompatibility, listings: ReadonlyMap<string, Listing>): readonly Cause[] {
  if (cause.kind === "refused") return [cause.reason];
  if (cause.kind === "absent") return [cause.reason ?? { kind: "missing", notice: `\`${cause.id}\` does not exist` }];
  if (cause.kind !== "no-version") return [];
  const set = cause.asked ?? terms[0]?.set;
  const barred = listings
    .get(cause.id)
    ?.all.flatMap(({ blocked, version }) =>
      blocked !== undefined && set !== undefined && hasVersion(set, version) ? blocked : [],
    );
  return barred ?? [];
}

/** Writes sentences in the order of pub's error reporting: what is proved in one line is not given a line of its own twice. */
class Writer {
  readonly #words: Vocabulary;
  readonly #uses: ReadonlyMap<Incompatibility, number>;
  readonly #numbers = new Map<Incompatibility, number>();
  readonly #lines: ExplanationLine[] = [];

  constructor(words: Vocabulary, uses: ReadonlyMap<Incompatibility, number>) {
    this.#words = words;
    this.#uses = uses;
  }

  write(failure: Incompatibility): readonly ExplanationLine[] {
    if (isDerived(failure)) this.#visit(failure, 0, false);
    else this.#line(failure, [failure], this.#say(failure), false);
    return this.#lines;
  }

  #visit(derived: Derived, depth: number, isConclusion: boolean): void {
    if (this.#numbers.has(derived)) return;
    const isNumbered = isConclusion || (this.#uses.get(derived) ?? 0) > 1;
    const { conflict, other } = derived.cause;
    const canDescend = depth < MAX_DEPTH;
    const left = canDescend && isDerived(conflict) ? conflict : undefined;
    const right = canDescend && isDerived(other) ? other : undefined;
    const so = isConclusion || depth === 0 ? "so, " : "and ";
    const end = this.#say(derived);
    const finish = (facts: readonly Incompatibility[], text: string): void =>
      this.#line(derived, facts, text, isNumbered);

    if (left !== undefined && right !== undefined) {
      const [leftNumber, rightNumber] = [this.#numbers.get(left), this.#numbers.get(right)];
      if (leftNumber !== undefined && rightNumber !== undefined) {
        finish([], `because ${this.#say(left)} (${leftNumber}) and ${this.#say(right)} (${rightNumber}), ${end}`);
      } else if (leftNumber !== undefined || rightNumber !== undefined) {
        const [done, open] = leftNumber === undefined ? [right, left] : [left, right];
        this.#visit(open, depth + 1, false);
        finish([], `${so}because ${this.#cite(done)}, ${end}`);
      } else if (isOneLine(left) || isOneLine(right)) {
        const [first, second] = isOneLine(right) ? [left, right] : [right, left];
        this.#visit(first, depth + 1, false);
        this.#visit(second, depth + 1, false);
        finish([], `thus ${end}`);
      } else {
        this.#visit(left, depth + 1, true);
        this.#visit(right, depth + 1, false);
        finish([], `${so}because ${this.#cite(left)}, ${end}`);
      }
      return;
    }
    const open = left ?? right;
    const bare = isFailure(derived) ? bareFact(derived) : undefined;
    if (bare !== undefined) {
      finish([bare], this.#say(bare));
      return;
    }
    if (open === undefined) {
      finish([conflict, other], `because ${this.#say(conflict)} and ${this.#say(other)}, ${end}`);
      return;
    }
    const fact = left === undefined ? conflict : other;
    if (this.#numbers.has(open)) {
      finish([fact], `because ${this.#say(fact)} and ${this.#cite(open)}, ${end}`);
      return;
    }
    const inner = this.#collapsible(open);
    if (inner === undefined) {
      this.#visit(open, depth + 1, false);
      finish([fact], `${so}because ${this.#say(fact)}, ${end}`);
      return;
    }
    this.#visit(inner.derived, depth + 1, false);
    finish([inner.fact, fact], `${so}because ${this.#say(inner.fact)} and ${this.#say(fact)}, ${end}`);
  }

  /** Splits a deduction that needs no line of its own: used once, from one other deduction and one fact. */
  #collapsible(derived: Derived): { readonly derived: Derived; readonly fact: Incompatibility } | undefined {
    if ((this.#uses.get(derived) ?? 0) > 1) return undefined;
    const { conflict, other } = derived.cause;
    if (isDerived(conflict) === isDerived(other)) return undefined;
    const [inner, fact] = isDerived(conflict) ? [conflict, other] : [other, conflict];
    return isDerived(inner) && !this.#numbers.has(inner) ? { derived: inner, fact } : undefined;
  }

  #say(incompatibility: Incompatibility): string {
    return phrase(incompatibility, this.#words);
  }

  #cite(derived: Derived): string {
    const number = this.#numbers.get(derived);
    return number === undefined ? this.#say(derived) : `${this.#say(derived)} (${number})`;
  }

  #line(about: Incompatibility, facts: readonly Incompatibility[], text: string, isNumbered: boolean): void {
    const where = facts.flatMap(({ cause }) => locationsOf(cause));
    if (!isNumbered) {
      this.#lines.push({ text, where });
      return;
    }
    const number = this.#numbers.size + 1;
    this.#numbers.set(about, number);
    this.#lines.push({ number, text, where });
  }
}

/** The one fact behind a failure when what a person just typed is not to be had: repeating the request would say nothing. */
function bareFact({ cause: { conflict, other } }: Derived): Incompatibility | undefined {
  const [fact, request] = conflict.cause.kind === "requirement" ? [other, conflict] : [conflict, other];
  if (fact.cause.kind !== "absent" || fact.cause.reason === undefined) return undefined;
  const isTyped = request.cause.kind === "requirement" && request.cause.requirement.where === undefined;
  return isTyped ? fact : undefined;
}

function isOneLine({ cause: { conflict, other } }: Derived): boolean {
  return !isDerived(conflict) && !isDerived(other);
}

function locationsOf(cause: Incompatibility["cause"]): readonly FactLocation[] {
  if (cause.kind === "requirement") return [cause.requirement.where].filter((one) => one !== undefined);
  if (cause.kind === "refused") return [cause.requirement.where, cause.reason.where].filter((one) => one !== undefined);
  return cause.kind === "absent" && cause.reason?.where !== undefined ? [cause.reason.where] : [];
}
