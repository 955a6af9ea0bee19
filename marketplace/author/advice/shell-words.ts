const ROOT = /\$(?:\{(?:CLAUDE_)?PLUGIN_ROOT\}|(?:CLAUDE_)?PLUGIN_ROOT\b)/y;
/** What may stand in a word that can be quoted as a whole. */
const PLAIN = /[\w./${}:=@%+,-]/u;

/** Whether every path of the plugin in a shell command stands in quotes. */
export function isQuoted(command: string): boolean {
  return unquoted(command).length === 0;
}

/** The command with each path of the plugin in double quotes: the whole word where nothing in it means something to a shell. */
export function quoted(command: string): string {
  // A word that holds the path twice is quoted once.
  const stretches = new Map(unquoted(command).map((place) => wordAround(command, place)));
  let result = command;
  for (const [first, last] of [...stretches].toReversed()) {
    result = `${result.slice(0, first)}"${result.slice(first, last)}"${result.slice(last)}`;
  }
  return result;
}

/** Start and end of what is quoted for one path. */
function wordAround(command: string, { start, end }: Stretch): readonly [first: number, last: number] {
  let [from, to] = [start, end];
  while (from > 0 && PLAIN.test(command[from - 1] ?? "")) from -= 1;
  while (to < command.length && PLAIN.test(command[to] ?? "")) to += 1;
  const isWord = isBreak(command[from - 1]) && isBreak(command[to]) && !command.slice(from, start).includes("=");
  return isWord ? [from, to] : [start, end];
}

/** A part of a text. */
interface Stretch {
  readonly start: number;
  readonly end: number;
}

function isBreak(character: string | undefined): boolean {
  return character === undefined || /[\s;&|<>()]/u.test(character);
}

/** Where the path of the plugin stands without quotes. */
function unquoted(command: string): readonly Stretch[] {
  const found: Stretch[] = [];
  let quote = "";
  for (let at = 0; at < command.length; at += 1) {
    const character = command[at] ?? "";
    if (character === "\\" && quote !== "'") at += 1;
    else if (quote !== "") quote = character === quote ? "" : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === "$") {
      ROOT.lastIndex = at;
      const length = ROOT.exec(command)?.[0].length;
      if (length !== undefined) found.push({ start: at, end: at + length });
    }
  }
  return found;
}
