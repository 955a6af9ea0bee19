import { isCodedError } from "../../schemas/errors.ts";
import { escapeControl } from "../../schemas/names.ts";
import { parseWebUrl } from "../../schemas/web-url.ts";

/** Foreign text in one line: control and invisible characters escaped, white space joined, cut at `most` characters. */
export function visibleText(text: string | undefined, most = 500): string {
  if (text === undefined) return "";
  const line = escapeControl(text.replaceAll(/\s+/gu, " ").trim());
  const characters = [...line];
  return characters.length <= most ? line : `${characters.slice(0, most - 1).join("")}…`;
}

/** Foreign text of several lines, with its line ends and tabs. */
export function visibleLines(text: string): string {
  return escapeControl(text.replaceAll(/\r\n?/gu, "\n"), { keepLines: true });
}

/** An http or https address that a page may link to; `undefined` for anything else. */
export function linkable(url: string | undefined): string | undefined {
  if (url === undefined) return undefined;
  const [address = ""] = url.split("#");
  try {
    return parseWebUrl(address);
  } catch (error) {
    if (isCodedError(error)) return undefined;
    throw error;
  }
}
