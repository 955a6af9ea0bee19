import type { RulePlace } from "./policy-rule.ts";

/** A managed document while it is read: where its rules stand, and what in them is not valid. */
export interface PolicyText {
  place(path: readonly (string | number)[]): RulePlace;
  /** Reports what is not valid; whoever reads a key also closes it. */
  invalid(path: readonly (string | number)[], message: string): void;
}

/** What a member of a section says. Where it stands is looked up when a message names it: of a thousand rules one is named. */
export class Placed<Key extends string | number, Value> {
  readonly key: Key;
  readonly value: Value;
  readonly #section: string;
  readonly #document: PolicyText;

  constructor(document: PolicyText, section: string, key: Key, value: Value) {
    this.key = key;
    this.value = value;
    this.#section = section;
    this.#document = document;
  }

  get place(): RulePlace {
    return this.#document.place([this.#section, this.key]);
  }
}
