import { OPTION_PLACEHOLDER } from "plugsmith/plugin-api";
import { shellWords } from "./words.ts";

/** What the tokens of one text stand for. */
export interface ArgumentValues {
  readonly raw: string;
  readonly words: readonly string[];
  /** Names of words by position. */
  readonly names: readonly string[];
  /** `$1` is the first word; otherwise `$0` is. */
  readonly oneBased: boolean;
  /** The text of `${user_config.KEY}`; `undefined` leaves the placeholder as it stands. */
  readonly option: (key: string) => string | undefined;
}

/** A text with its tokens replaced, and whether any of them received an argument. */
export interface FilledText {
  readonly text: string;
  readonly used: boolean;
}

/** Reads the arguments for a body: documented is `$0` first; a body with `$1` and neither `$0` nor `$ARGUMENTS[` was written for `$1` first. */
export function argumentValues(
  body: string,
  raw: string,
  names: readonly string[],
  option: ArgumentValues["option"],
): ArgumentValues {
  return { raw, words: shellWords(raw), names, oneBased: countsFromOne(body), option };
}

/** Whether a body means its first argument by `$1` (formats.md §4.6, caution). */
function countsFromOne(body: string): boolean {
  return /(?<!\\)\$1(?!\w|[.,]\d)/u.test(body) && !/\$0(?!\w)/u.test(body) && !body.includes("$ARGUMENTS[");
}

/** Replaces the tokens of a text in one pass: what arguments hold is never looked at again; `$2,000` is an amount of money. */
export function fillArguments(text: string, values: ArgumentValues): FilledText {
  if (!text.includes("$")) return { text, used: false };
  let used = false;
  const value = (token: string, index: string | undefined, name: string | undefined): string | undefined => {
    if (token === "$ARGUMENTS") return values.raw;
    if (name !== undefined) return values.words[values.names.indexOf(name)] ?? "";
    const position = Number(index) - (values.oneBased && !token.startsWith("$ARGUMENTS") ? 1 : 0);
    return values.words[position];
  };
  const filled = text.replaceAll(pattern(values.names), (match, ...groups: unknown[]) => {
    // Groups of `pattern`, which are texts or absent.
    const [slashes = "", token, listed, positional, name, key] = groups as (string | undefined)[];
    if (key !== undefined) return values.option(key) ?? match;
    if (slashes.length === 1) return token ?? match;
    const found = value(token ?? "", listed ?? positional, name);
    if (found === undefined) return match;
    if (found !== "") used = true;
    return `${slashes}${found}`;
  });
  return { text: filled, used };
}

function pattern(names: readonly string[]): RegExp {
  const known = names
    .filter((name) => name !== "")
    .toSorted((left, right) => right.length - left.length)
    .map((name) => name.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, "\\$&"));
  const named = known.length === 0 ? "((?!))" : `(${known.join("|")})(?!\\w)`;
  return new RegExp(
    `(\\\\*)(\\$(?:ARGUMENTS\\[(\\d+)\\]|ARGUMENTS(?!\\w|\\[\\d)|(\\d+)(?!\\w|[.,]\\d)|${named}))|${OPTION_PLACEHOLDER.source}`,
    "gu",
  );
}
