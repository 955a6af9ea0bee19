/** What may stand outside quotes; everything else may mean something to some shell. */
const BARE = /^[\w.,:@%+=/-]$/u;
const QUOTED = /^[\x20-\x7E\p{L}\p{N}\p{P}\p{S}\p{M}]$/u;
const PROGRAM = /^[\w./+-]+$/u;
/** Within double quotes these are not literal. */
const ACTIVE = new Set(["$", "`", "\\", "!"]);
const MAX_CHARACTERS = 10_000;
const MAX_SEEN_CHARACTERS = 100_000;

/**
 * The words of one simple command whose meaning is plain: a program and literal arguments. `undefined` for everything else: operators,
 * redirections, substitutions, expansions, globs, assignments, escapes, comments, further lines, unclosed quotes.
 */
export function simpleCommand(command: string): readonly string[] | undefined {
  const text = command.trim();
  if (text === "" || text.length > MAX_CHARACTERS) return undefined;
  const words: string[] = [];
  let word: string | undefined;
  let quote: "'" | '"' | undefined;
  for (const character of text) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else if (!QUOTED.test(character) || (quote === '"' && ACTIVE.has(character))) return undefined;
      else word = (word ?? "") + character;
    } else if (character === " ") {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "'" || character === '"') {
      // The name of the program itself stands there as it is.
      if (words.length === 0) return undefined;
      quote = character;
      word ??= "";
    } else if (!BARE.test(character) || (word === undefined && character === "=")) return undefined;
    else word = (word ?? "") + character;
  }
  if (quote !== undefined) return undefined;
  if (word !== undefined) words.push(word);
  return words[0] !== undefined && PROGRAM.test(words[0]) ? words : undefined;
}

/** Words in front of a command that run what follows them. */
const WRAPPERS: ReadonlySet<string> = new Set(
  (
    "! bash builtin command coproc dash do doas elif else env eval exec find fish if ionice ksh nice nohup parallel setsid sh " +
    "ssh stdbuf sudo su then time timeout until watch while xargs zsh"
  ).split(" "),
);
/** Longer rules are held against whole commands only. */
const MAX_RULE_WORDS = 32;
const ASSIGNMENT = /^\w+\+?=/u;

/**
 * The commands that a text may run, as far as they can be seen, for rules that restrict: parts between operators, inside
 * substitutions and quotes, behind wrappers. What a shell computes at run time is not seen; a text that is too long is not looked through.
 */
export function visibleCommands(command: string): readonly string[] | undefined {
  if (command.length > MAX_SEEN_CHARACTERS) return undefined;
  const text = command.replaceAll("\\\n", "");
  const found = new Set<string>([command.trim()]);
  for (const spelling of [text, text.replaceAll(/\$?["']|\\/gu, ""), text.replaceAll(/["']/gu, "\n")]) {
    for (const part of spelling.split(/[\n\r;&|(){}<>`]+/u)) {
      for (const visible of unwrapped(part.split(/\s+/u).filter((word) => word !== ""))) found.add(visible);
    }
  }
  return [...found];
}

function* unwrapped(words: readonly string[]): Generator<string> {
  let start = 0;
  while (ASSIGNMENT.test(words[start] ?? "") || words[start] === "$") start += 1;
  const program = words[start];
  if (program === undefined) return;
  const name = program.slice(program.lastIndexOf("/") + 1);
  yield words.slice(start).join(" ");
  yield [name, ...words.slice(start + 1)].join(" ");
  if (!WRAPPERS.has(name)) return;
  // Which of its options take a value differs from wrapper to wrapper: whatever follows may be the command.
  for (let from = start + 1; from < words.length; from += 1) {
    const inner = words[from] ?? "";
    yield [inner.slice(inner.lastIndexOf("/") + 1), ...words.slice(from + 1, from + MAX_RULE_WORDS)].join(" ");
  }
}

/** Words of a text that may name files. */
export function pathWords(command: string): readonly string[] {
  return [...new Set(command.split(/[\s;&|(){}<>`'"=,:]+/u))].filter((word) => word !== "").slice(0, 500);
}
