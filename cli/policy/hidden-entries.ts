import type { CatalogSnapshot } from "../../marketplace/catalog/snapshot.ts";
import { specAsLocked } from "../../schemas/spec-as-locked.ts";
import type { CatalogEntry } from "../../schemas/plugin-manifest.ts";
import type { Policy } from "../../core/settings/policy-documents.ts";

/** The entries of a catalog that a person is shown: all of them, or where policy says `hideDisallowed` those that it lets them install. */
export function shownEntries({ market, catalog }: CatalogSnapshot, policy: Policy): readonly CatalogEntry[] {
  if (!policy.documents.some(({ flags }) => flags.hideDisallowed?.value === true)) return catalog.entries;
  return catalog.entries.filter(({ name, version, source: spec }) => {
    const id = `${name}@${market.name}`;
    const source = specAsLocked(spec);
    return policy.decide({ kind: "plugin", id, version, market, source }, "install").allowed;
  });
}
