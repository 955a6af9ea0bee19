/**
 * Cuts a text into words as a shell does: blanks separate, single and double quotes keep blanks, a backslash keeps the next
 * character. A quote that nothing closes is a character like any other, so that prose survives.
 */
export function shellWords(text: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (/\s/u.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "\\" && at + 1 < text.length) {
      at += 1;
      word = `${word ?? ""}${text[at] ?? ""}`;
    } else if (character === "'" || character === '"') {
      const end = closingQuote(text, at);
      word = `${word ?? ""}${end === undefined ? character : quoted(text.slice(at + 1, end), character)}`;
      at = end ?? at;
    } else word = `${word ?? ""}${character}`;
  }
  if (word !== undefined) words.push(word);
  return words;
}

function closingQuote(text: string, open: number): number | undefined {
  const quote = text[open];
  for (let at = open + 1; at < text.length; at += 1) {
    if (text[at] === quote) return at;
    if (quote === '"' && text[at] === "\\") at += 1;
  }
  return undefined;
}

function quoted(text: string, quote: string): string {
  return quote === '"' ? text.replaceAll(/\\(["\\$`])/gu, "$1") : text;
}
