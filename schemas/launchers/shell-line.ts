/** One word of a command, and where it stands in a shell line. */
export interface CommandWord {
  readonly text: string;
  /** Nothing in it is filled in later: no variable, placeholder, pattern or `~`. */
  readonly plain: boolean;
  /** A shell may make several words of it, or none. */
  readonly splits?: boolean;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const SPACE = /[ \t]/u;
const ENDS_WORD = /[\s;&|<>()]/u;
/** Not between single quotes; in double quotes only a list does. */
const SPLITS = /[$*?[\]{}]/u;
const FILLED_IN = /[$*?[\]{}~]/u;

/** The words of an argument list; their places are indexes. */
export function listedWords(words: readonly string[]): readonly CommandWord[] {
  return words.map((text, at) => ({ text, plain: !text.includes("$"), start: at, end: at + 1 }));
}

/**
 * The words of a line for a POSIX shell, without redirections, when it is one simple command; `undefined` for anything more: several
 * commands, a command inside another, a comment, an open quote.
 */
export function shellLineWords(line: string): readonly CommandWord[] | undefined {
  const words: CommandWord[] = [];
  let at = 0;
  let isTarget = false;
  while (at < line.length) {
    const character = line[at] ?? "";
    const redirection = /^(?:\d*|&)(?:>>|>\||<>|>&|<&|>|<(?!<))/u.exec(line.slice(at));
    if (SPACE.test(character) || (/^\s+$/u.test(line.slice(at)) && words.length > 0)) at += 1;
    else if (redirection !== null && !isTarget) {
      at += redirection[0].length;
      isTarget = true;
    } else if (ENDS_WORD.test(character) || character === "#") return undefined;
    else {
      const word = wordAt(line, at);
      if (word === undefined) return undefined;
      if (!isTarget) words.push(word);
      isTarget = false;
      at = word.end;
    }
  }
  return isTarget ? undefined : words;
}

/** The word that begins at a place; `undefined` when a quote stays open or it runs another command. */
function wordAt(line: string, start: number): CommandWord | undefined {
  let [at, text, plain, splits, quote] = [start, "", true, false, ""];
  for (; at < line.length; at += 1) {
    const character = line[at] ?? "";
    if (quote !== "'" && (character === "`" || (character === "$" && line[at + 1] === "("))) return undefined;
    if (character === "\\" && quote !== "'") {
      at += 1;
      text += line[at] ?? "";
    } else if (quote !== "") {
      if (character === quote) quote = "";
      else {
        text += character;
        plain &&= quote === "'" || character !== "$";
        splits ||= quote === '"' && /^\$(?:@|\{@|\{\w+\[)/u.test(line.slice(at));
      }
    } else if (character === '"' || character === "'") quote = character;
    else if (ENDS_WORD.test(character)) break;
    else {
      text += character;
      plain &&= !FILLED_IN.test(character);
      splits ||= SPLITS.test(character);
    }
  }
  return quote === "" ? { text, plain, ...(splits ? { splits } : {}), start, end: at } : undefined;
}
