/**
 * A pattern of a `hostPattern` or `pathPattern` rule, matched against the whole text in time linear in its length.
 *
 * The language is a subset of regular expressions that needs no backtracking: literals, `.`, character classes, `\` before
 * punctuation, `\d` and `\w`, groups with `|`, and `*`, `+`, `?` after any of these; a leading `^` and a trailing `$` are allowed and mean
 * nothing, because every pattern is anchored at both ends.
 */
export interface PolicyPattern {
  readonly text: string;
  matches(subject: string): boolean;
}

/** A state reads one character and goes on, or goes on to several states without reading. */
type State =
  | { readonly kind: "read"; readonly accepts: (char: string) => boolean; next: number }
  | { readonly kind: "split"; next: number; other: number }
  | { readonly kind: "end" };

const MAX_PATTERN_LENGTH = 512;
const MAX_STATES = 2_000;

/** Compiles a pattern; answers a clause for a message when it leaves the subset. */
export function compilePolicyPattern(text: string): PolicyPattern | { readonly problem: string } {
  if (text === "") return { problem: "is empty" };
  if (text.length > MAX_PATTERN_LENGTH) return { problem: `has more than ${MAX_PATTERN_LENGTH} characters` };
  try {
    const compiler = new Compiler(stripAnchors(text));
    const start = compiler.run();
    const states = compiler.states;
    return { text, matches: (subject) => run(states, start, subject) };
  } catch (error) {
    if (!(error instanceof PatternFault)) throw error;
    return { problem: error.message };
  }
}

class PatternFault extends Error {}

/** A piece of the automaton: where it begins, and the dangling exits that the next piece fills. */
interface Piece {
  readonly start: number;
  readonly exits: readonly ((target: number) => void)[];
}

class Compiler {
  readonly states: State[] = [];
  readonly #chars: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#chars = [...text];
  }

  run(): number {
    const piece = this.#alternatives(0);
    if (this.#at < this.#chars.length) throw new PatternFault("has a `)` without `(`");
    const end = this.#add({ kind: "end" });
    for (const exit of piece.exits) exit(end);
    return piece.start;
  }

  #alternatives(depth: number): Piece {
    if (depth > 20) throw new PatternFault("has groups nested more than 20 deep");
    let left = this.#sequence(depth);
    while (this.#chars[this.#at] === "|") {
      this.#at += 1;
      const right = this.#sequence(depth);
      const split = this.#add({ kind: "split", next: left.start, other: right.start });
      left = { start: split, exits: [...left.exits, ...right.exits] };
    }
    return left;
  }

  #sequence(depth: number): Piece {
    let whole: Piece | undefined;
    while (this.#at < this.#chars.length && this.#chars[this.#at] !== "|" && this.#chars[this.#at] !== ")") {
      const piece = this.#repeated(this.#atom(depth));
      for (const exit of whole?.exits ?? []) exit(piece.start);
      whole = whole === undefined ? piece : { start: whole.start, exits: piece.exits };
    }
    if (whole === undefined) throw new PatternFault("has an empty alternative");
    return whole;
  }

  #repeated(atom: Piece): Piece {
    const sign = this.#chars[this.#at];
    if (sign !== "*" && sign !== "+" && sign !== "?") return atom;
    this.#at += 1;
    const following = this.#chars[this.#at];
    if (following === "*" || following === "+" || following === "?") throw new PatternFault("repeats a repetition");
    const split: State = { kind: "split", next: atom.start, other: -1 };
    const index = this.#add(split);
    const leave = (target: number): void => {
      split.other = target;
    };
    if (sign === "?") return { start: index, exits: [...atom.exits, leave] };
    for (const exit of atom.exits) exit(index);
    return { start: sign === "*" ? index : atom.start, exits: [leave] };
  }

  #atom(depth: number): Piece {
    const char = this.#take();
    switch (char) {
      case "(": {
        if (this.#chars[this.#at] === "?") {
          if (this.#chars[this.#at + 1] !== ":") throw new PatternFault("has a group of a kind that is not supported");
          this.#at += 2;
        }
        const inner = this.#alternatives(depth + 1);
        if (this.#take() !== ")") throw new PatternFault("has a `(` without `)`");
        return inner;
      }
      case "[":
        return this.#reader(this.#class());
      case ".":
        return this.#reader(() => true);
      case "\\":
        return this.#reader(escapeSet(this.#take()));
      case "*":
      case "+":
      case "?":
        throw new PatternFault(`has a \`${char}\` after nothing`);
      case "^":
      case "$":
      case "{":
      case "}":
      case "]":
        throw new PatternFault(`has a \`${char}\` where it is not supported`);
      default:
        return this.#reader((subject) => subject === char);
    }
  }

  #class(): (char: string) => boolean {
    const negated = this.#chars[this.#at] === "^";
    if (negated) this.#at += 1;
    const parts: ((char: string) => boolean)[] = [];
    for (;;) {
      const low = this.#take();
      if (low === undefined) throw new PatternFault("has a `[` without `]`");
      if (low === "]") break;
      if (low === "[") throw new PatternFault("has a `[` inside a class");
      if (low === "\\") {
        parts.push(escapeSet(this.#take()));
        continue;
      }
      const high = this.#chars[this.#at + 1];
      if (this.#chars[this.#at] === "-" && high !== undefined && high !== "]") {
        if (high === "\\" || high < low) throw new PatternFault("has a range in a class that is not supported");
        this.#at += 2;
        parts.push((char) => char >= low && char <= high);
      } else parts.push((char) => char === low);
    }
    if (parts.length === 0) throw new PatternFault("has an empty class");
    return (char) => parts.some((part) => part(char)) !== negated;
  }

  #reader(accepts: (char: string) => boolean): Piece {
    const state: State = { kind: "read", accepts, next: -1 };
    const start = this.#add(state);
    return {
      start,
      exits: [
        (target) => {
          state.next = target;
        },
      ],
    };
  }

  #take(): string | undefined {
    this.#at += 1;
    return this.#chars[this.#at - 1];
  }

  #add(state: State): number {
    if (this.states.length >= MAX_STATES) throw new PatternFault("is too complex");
    return this.states.push(state) - 1;
  }
}

/** All states at once, so the time is length of the text times number of states. */
function run(states: readonly State[], start: number, subject: string): boolean {
  let current = new Set<number>();
  reach(states, start, current);
  for (const char of subject) {
    const next = new Set<number>();
    for (const index of current) {
      const state = states[index];
      if (state?.kind === "read" && state.accepts(char)) reach(states, state.next, next);
    }
    if (next.size === 0) return false;
    current = next;
  }
  return [...current].some((index) => states[index]?.kind === "end");
}

function reach(states: readonly State[], from: number, reached: Set<number>): void {
  const waiting = [from];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const state = states[index];
    if (state?.kind === "split") waiting.push(state.next, state.other);
  }
}

function escapeSet(char: string | undefined): (subject: string) => boolean {
  if (char === undefined) throw new PatternFault("ends with `\\`");
  if (char === "d") return (subject) => subject >= "0" && subject <= "9";
  if (char === "w") return (subject) => /^\w$/.test(subject);
  if (/[A-Za-z0-9]/.test(char)) throw new PatternFault(`has the escape \`\\${char}\`, which is not supported`);
  return (subject) => subject === char;
}

/** A pattern without the leading `^` and trailing `$` that mean nothing. */
export function stripAnchors(text: string): string {
  const start = text.startsWith("^") ? 1 : 0;
  const escaped = /(?<!\\)(?:\\\\)*\\\$$/.test(text);
  return text.slice(start, text.endsWith("$") && !escaped ? -1 : undefined);
}
