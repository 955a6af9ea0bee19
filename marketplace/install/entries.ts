import { CodedError } from "../../schemas/errors.ts";
import { entryNamed } from "../../schemas/marketplace.ts";
import { nearest } from "../../schemas/names.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { CatalogSnapshot } from "../catalog/snapshot.ts";

/** A catalog entry and, when a rename led to it, the old name. */
export interface FoundEntry {
  readonly entry: CatalogEntry;
  readonly renamedFrom?: string | undefined;
}

/** Finds the entry of a name, following renames inside the marketplace. Throws `E_PLUGIN_UNKNOWN` or `E_AMBIGUOUS`. */
export function findEntry(snapshot: CatalogSnapshot, name: string): FoundEntry {
  const found = searchEntry(snapshot, name);
  if (found.kind === "found") return found;
  throw found.error;
}

/** `findEntry` as a value, for callers to whom absence is an ordinary answer. */
export function searchEntry(
  snapshot: CatalogSnapshot,
  name: string,
): ({ readonly kind: "found" } & FoundEntry) | { readonly kind: "absent"; readonly error: CodedError } {
  const { catalog, market } = snapshot;
  let current = name;
  for (const seen = new Set<string>(); !seen.has(current);) {
    seen.add(current);
    const ambiguous = catalog.ambiguous.find((entry) => entry.name === current);
    if (ambiguous !== undefined) {
      return absent(
        "E_AMBIGUOUS",
        `\`${current}\` stands for ${ambiguous.lines.length} different entries of \`${market.name}\` (lines ${ambiguous.lines.join(", ")})`,
        "its maintainer must rename one of them",
      );
    }
    const entry = entryNamed(catalog, current);
    if (entry !== undefined) return { kind: "found", entry, ...(current === name ? {} : { renamedFrom: name }) };
    if (!Object.hasOwn(catalog.renames, current)) break;
    const next = catalog.renames[current];
    if (next === null || next === undefined) {
      return absent(
        "E_PLUGIN_UNKNOWN",
        `\`${name}\` was removed from \`${market.name}\` by its maintainer`,
        "`plugin search` lists what is on offer",
      );
    }
    current = next;
  }
  const guess = nearest(
    name,
    catalog.entries.map((entry) => entry.name),
  );
  const bad = snapshot.diagnostics.find(
    (diagnostic) => diagnostic.severity === "error" && diagnostic.message.includes(`\`${name}\``),
  );
  if (bad !== undefined) {
    return absent(
      "E_ENTRY",
      `the entry \`${name}\` of \`${market.name}\` cannot be used: ${bad.message}`,
      bad.hint ?? "its maintainer must mend it",
    );
  }
  return absent(
    "E_PLUGIN_UNKNOWN",
    `\`${market.name}\` offers no plugin called \`${name}\``,
    guess === undefined
      ? `\`plugin marketplace update ${market.name}\` fetches the newest catalog`
      : `did you mean \`${guess}@${market.name}\`?`,
  );
}

function absent(
  code: "E_AMBIGUOUS" | "E_PLUGIN_UNKNOWN" | "E_ENTRY",
  message: string,
  hint: string,
): { readonly kind: "absent"; readonly error: CodedError } {
  return { kind: "absent", error: new CodedError(code, message, { hint }) };
}
