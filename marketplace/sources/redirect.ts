import { CodedError } from "../../schemas/errors.ts";
import { isPrivateHost } from "./private-host.ts";

/** Where a redirect leads. Throws `E_SOURCE_BLOCKED` unless it stays on its origin or leads to a public https address. */
export function redirectTarget(from: URL, location: string): URL {
  const to = URL.parse(location, from);
  const isSameOrigin = to?.origin === from.origin;
  if (
    to === null ||
    to.username !== "" ||
    to.password !== "" ||
    (!isSameOrigin && (to.protocol !== "https:" || isPrivateHost(to.hostname)))
  ) {
    throw new CodedError("E_SOURCE_BLOCKED", `\`${from.href}\` redirects to an address that is not allowed`, {
      hint: "a redirect must stay on its origin or lead to a public https address",
    });
  }
  return to;
}
