import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import { CodedError } from "../../schemas/errors.ts";
import { shellWord } from "../../schemas/shell-word.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";

/**
 * Refuses a place for a site inside a plugin that the site is about: the pages would be files of that plugin, and each site would
 * show the last one. Throws `E_USAGE`.
 */
export function requireOutside(out: string, snapshot: CatalogSnapshot): void {
  const place = realPlace(out);
  for (const entry of snapshot.catalog.entries) {
    const folder = folderOf(entry, snapshot);
    if (folder === undefined || !existsSync(folder)) continue;
    const real = realpathSync(folder);
    if (place !== real && !place.startsWith(`${real}${sep}`)) continue;
    throw new CodedError(
      "E_USAGE",
      `\`${out}\` lies in the plugin \`${entry.name}\`, which would get the pages as files`,
      {
        hint: `name a folder outside of it, such as \`plugin marketplace site ${shellWord(join(dirname(real), "site"))}\``,
      },
    );
  }
}

/** Where an entry lies on this machine; `undefined` for one that does not. */
function folderOf({ source }: CatalogEntry, { root }: CatalogSnapshot): string | undefined {
  if (source.kind === "directory") return source.path;
  return source.kind === "relative" && root.kind === "directory" ? join(root.path, source.path) : undefined;
}

/** Without links, also of what is not there yet. */
function realPlace(path: string): string {
  return existsSync(path) || dirname(path) === path
    ? realpathSync(path)
    : join(realPlace(dirname(path)), basename(path));
}
