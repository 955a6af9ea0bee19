import { CodedError } from "./errors.ts";
import { canonicalHost } from "./git-url.ts";
import { escapeControl } from "./names.ts";

/**
 * Canonical http(s) URL of a document. A query may stay, because file servers need it; user-info, fragments, backslashes,
 * white space, dot segments and encoded separators are refused with `E_SOURCE_INVALID`.
 */
export function parseWebUrl(text: string): string {
  const refuse = (why: string): never => {
    const shown = escapeControl(text.slice(0, 200)).replace(/(https?:\/\/)[^/]*@/i, "$1***@");
    throw new CodedError("E_SOURCE_INVALID", `URL \`${shown}\` ${why}`, {
      hint: "use `https://host/path/marketplace.json`",
    });
  };
  if (text.length > 2_048) refuse("has more than 2048 characters");
  if (!text.isWellFormed() || /[\u0000-\u0020\u007f-\u00a0\\]/.test(text))
    refuse("holds white space, a backslash or a control character");
  const match = /^(https?):\/\/([^/?#]+)(\/[^?#]*)?(\?[^#]*)?(#.*)?$/i.exec(text);
  if (match === null) return refuse("is not an http or https URL");
  const [, scheme = "", authority = "", path = "/", query = "", fragment] = match;
  if (fragment !== undefined) refuse("has a fragment");
  if (authority.includes("@")) refuse("has a user name or password in it");
  const host = canonicalHost(authority.replace(/:\d*$/, ""));
  if (host === undefined) refuse("has a host that is not a valid name");
  if (/%(?:2[ef]|5c|[01][0-9a-f]|7f)|%(?![0-9a-f]{2})/i.test(path))
    refuse("has an encoded separator, dot or control character");
  if (path.split("/").some((part) => part === "." || part === "..")) refuse("has a `.` or `..` part");
  const port = /:(\d+)$/.exec(authority)?.[1];
  const url = URL.parse(`${scheme}://${host}${port === undefined ? "" : `:${port}`}${path}${query}`);
  if (url === null) return refuse("is malformed");
  return url.href;
}
