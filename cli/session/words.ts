/** Splits a line into words as a shell does: blanks separate, quotes and backslashes keep them. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  const pattern = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+)|(\s+)/gsu;
  let word: string | undefined;
  for (const [, double, single, escaped, plain, blank] of line.matchAll(pattern)) {
    if (blank !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    const text = double?.replaceAll(/\\(["\\$`])/gu, "$1") ?? single ?? escaped ?? plain ?? "";
    word = (word ?? "") + text;
  }
  if (word !== undefined) words.push(word);
  return words;
}
