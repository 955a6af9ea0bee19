import compare from "semver/functions/compare.js";
import valid from "semver/functions/valid.js";

import type { TagRef } from "./repository.ts";
import type { Offer } from "./offer.ts";

/** A release: a tag `<name>--v<version>` with the commit it stands for. */
export interface Release {
  readonly version: string;
  readonly tag: string;
  readonly commit: string;
}

/** Candidate versions of one plugin; the newest are kept (attacks: limits). */
const MAX_RELEASES = 5_000;

/** The releases of every plugin of a repository, newest first. A tag that is not strict semver is none. */
export function releasesByName(tags: readonly TagRef[]): ReadonlyMap<string, readonly Release[]> {
  const byName = new Map<string, Release[]>();
  for (const { tag, commit } of tags) {
    const at = tag.lastIndexOf("--v");
    const written = tag.slice(at + 3);
    const version = at > 0 ? semverOf(written) : undefined;
    // A tag `v=1.0` or `v 1.0` is nobody's release.
    if (version === undefined || !/^\d/u.test(written)) continue;
    const name = tag.slice(0, at);
    const releases = byName.get(name) ?? [];
    byName.set(name, releases);
    releases.push({ version, tag, commit });
  }
  for (const releases of byName.values()) {
    releases.sort((left, right) => compare(right.version, left.version) || (left.tag < right.tag ? -1 : 1));
    releases.length = Math.min(releases.length, MAX_RELEASES);
  }
  return byName;
}

/** A version in canonical form (`v1.0.0` is `1.0.0`); `undefined` when it is no semver. Build metadata is kept. */
export function semverOf(text: string): string | undefined {
  const version = valid(text);
  if (version === null) return undefined;
  const build = /\+[0-9A-Za-z.-]+$/u.exec(text.trim())?.[0] ?? "";
  return `${version}${build}`;
}

/** Newest first; what has no order, the current copy of a plugin without version, before everything. */
export function sortOffers(offers: readonly Offer[]): readonly Offer[] {
  return offers.toSorted((left, right) => {
    if (left.unversioned || right.unversioned) return Number(right.unversioned) - Number(left.unversioned);
    return compare(right.version, left.version);
  });
}
