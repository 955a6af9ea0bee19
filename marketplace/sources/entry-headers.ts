import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";

/** Headers that say who asks whom, which are not a catalog's to set (formats.md §2.4). */
const OURS = /^(?:host|cookie|connection|content-length|transfer-encoding|forwarded|x-forwarded-.*|proxy-.*)$/iu;

/** The headers that a catalog's entry wants its archive to be asked for with. */
export function entryHeaders({ raw }: Pick<CatalogEntry, "raw">): Readonly<Record<string, string>> {
  const written = raw["headers"];
  if (typeof written !== "object" || written === null) return {};
  return Object.fromEntries(
    Object.entries(written).filter(
      (header): header is [string, string] =>
        typeof header[1] === "string" &&
        /^[\w!#$%&'*+.^`|~-]{1,100}$/u.test(header[0]) &&
        /^[\t -~]{0,4096}$/u.test(header[1]) &&
        !OURS.test(header[0]),
    ),
  );
}
