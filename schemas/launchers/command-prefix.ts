import type { CommandWord } from "./shell-line.ts";

/** Whether a word is a program of this name, as Windows writes it too. */
export function isProgram(word: CommandWord | undefined, name: string): boolean {
  return word?.plain === true && word.text.replace(/\.(?:cmd|exe)$/iu, "") === name;
}

/**
 * Where the program of a command stands, and from where on a replacement may take its place: settings of variables before a command
 * stay; what Windows needs to find a script does not.
 */
export function afterPrefix(words: readonly CommandWord[]): { readonly from: number; readonly at: number } {
  if (isProgram(words[0], "cmd")) {
    let at = 1;
    while (/^\/[dscq]$/iu.test(words[at]?.text ?? "")) at += 1;
    return { from: 0, at };
  }
  let at = isProgram(words[0], "env") || isProgram(words[0], "exec") ? 1 : 0;
  while (/^[A-Za-z_]\w*=/u.test(words[at]?.text ?? "")) at += 1;
  return { from: at, at };
}
