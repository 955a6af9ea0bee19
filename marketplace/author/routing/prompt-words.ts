/** Words that say nothing about what somebody wants. */
const COMMON: ReadonlySet<string> = new Set(
  (
    "a about all also am an and any are as ask asked asks at be but by can could do does for from get give has have help how i if in into " +
    "is it its let like make me my need needed no not of on or our out please put should so some such than thank thanks that the their " +
    "them then there these they this those to up us use used user users using via want wanted wants was we were what when where which " +
    "while who why will with would you your"
  ).split(" "),
);

/** The words of a text that say what it is about, without their endings, in their order, repeated ones too. */
export function promptWords(text: string): readonly string[] {
  const words =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.filter((word) => !COMMON.has(word) && (word.length > 1 || !/^[a-z]$/u.test(word))).map(stem);
}

/** Takes off what English adds to a word; both sides are treated alike, so a wrong stem does no harm. */
function stem(word: string): string {
  if (word.length < 4) return word;
  const bare = word
    .replace(/(?:ies)$/u, "y")
    .replace(/(?<=[^s])s$/u, "")
    .replace(/(?:ing|ed)$/u, (ending, at: number) => (at < 3 ? ending : ""))
    .replace(/e$/u, "");
  // `planning`, `planned`: plan.
  return bare.replace(/([b-df-hj-km-np-rtv-z])\1$/u, "$1");
}
