import { existsSync } from "node:fs";
import { join } from "node:path";
import { programOnPath } from "../program-on-path.ts";
import type { Machine } from "../target.ts";

/** What a shell understands without any program. */
const WORDS_OF_SHELL: ReadonlySet<string> = new Set(
  "alias bg break builtin case cd command continue declare do echo eval exec exit export false fg for function getopts hash if jobs kill let local printf pwd read readonly return select set shift source test time times trap true type typeset ulimit umask unalias unset until wait while".split(
    " ",
  ),
);

/** Programs whose first word is a file that they run. */
const INTERPRETERS: ReadonlySet<string> = new Set([
  "node",
  "bun",
  "deno",
  "python",
  "python3",
  "bash",
  "sh",
  "zsh",
  "ruby",
]);

/**
 * Why a command cannot run on this machine; `undefined` when it can, or when only a shell could tell.
 * One word that holds blanks is read as a line for a shell.
 */
export function deadCommand(command: readonly string[], machine: Machine): string | undefined {
  const [line = ""] = command;
  const words = command.length === 1 ? shellWords(line) : command;
  const [program, first] = words;
  if (program === undefined) return undefined;
  const name = program.slice(program.lastIndexOf("/") + 1);
  return (
    missing(program, machine) ??
    (INTERPRETERS.has(name) && first !== undefined && isPath(first) ? missing(first, machine) : undefined)
  );
}

function missing(word: string, { environment, homeDirectory }: Machine): string | undefined {
  const path = word.replace(/^(?:~|\$HOME|\$\{HOME\})(?=\/)/u, () => homeDirectory);
  if (!/^[\w./@+-]+$/u.test(path)) return undefined;
  if (path.startsWith("/")) return existsSync(path) ? undefined : `\`${path}\` does not exist`;
  // A relative path depends on where the agent is started.
  if (path.includes("/") || WORDS_OF_SHELL.has(path)) return undefined;
  const own = { PATH: join(homeDirectory, ".local", "bin"), PATHEXT: environment["PATHEXT"] };
  const found = programOnPath(environment, path) ?? programOnPath(own, path);
  return found === undefined ? `no program \`${path}\` is on the search path` : undefined;
}

function isPath(word: string): boolean {
  return /^(?:\/|~\/|\$HOME\/|\$\{HOME\}\/)/u.test(word);
}

/** The first words of a line, without settings of variables before them; empty for what is more than words. */
function shellWords(line: string): readonly string[] {
  const words = line.match(/"[^"]*"|'[^']*'|[^\s"']+/gu) ?? [];
  const plain = words.map((word) => word.replace(/^(["'])(.*)\1$/u, "$2"));
  const start = plain.findIndex((word) => !/^[A-Za-z_]\w*=/u.test(word));
  return start < 0 ? [] : plain.slice(start, start + 2);
}
